pub async fn up(cx: &mut Context<'_>) -> Result<()> { Ok(()) }
