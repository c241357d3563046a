//! What a Rust revision's function executes, where that can be read off its text: offline mode prints it without compiling.

use migrate_runtime::table::Position;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Block, Expr, ExprMethodCall, FnArg, ItemFn, Lit, Pat, Stmt};

/// The texts that a function executes in order; or the place of the first thing that only running it tells, and what that
/// is.
pub(crate) type Executes = Result<Vec<String>, (Position, &'static str)>;

const ASKS_FOR_CONN: &str = "asks for the connection, and in offline mode there is none";
const WORKS_IN_BATCHES: &str = "works in batches on the connection, and in offline mode there is none";
const DOES_MORE: &str = "does more than `cx.execute(\"…\").await?`, and what that is only running it tells";

/// Reads a function whose body is nothing but `cx.execute("…").await?;` and a final `Ok(())`.
pub(crate) fn of(function: &ItemFn) -> Executes {
    let context = context(function);
    let mut texts = Vec::new();
    for (n, statement) in function.block.stmts.iter().enumerate() {
        let is_last = n + 1 == function.block.stmts.len();
        let expression = match statement {
            Stmt::Expr(Expr::Try(attempt), Some(_)) => &*attempt.expr,
            Stmt::Expr(expression, None) if is_last && is_ok(expression) => break,
            Stmt::Expr(Expr::Try(attempt), None) => &*attempt.expr,
            Stmt::Expr(expression, None) => expression,
            _ => return Err(obstacle(&function.block, statement, &context)),
        };
        match executed(expression, &context) {
            Some(text) => texts.push(text),
            None => return Err(obstacle(&function.block, statement, &context)),
        }
    }
    Ok(texts)
}

/// The name of the one parameter.
fn context(function: &ItemFn) -> String {
    match function.sig.inputs.first() {
        Some(FnArg::Typed(parameter)) => match &*parameter.pat {
            Pat::Ident(name) => name.ident.to_string(),
            _ => String::new(),
        },
        _ => String::new(),
    }
}

/// The text of `cx.execute("…").await`.
fn executed(expression: &Expr, context: &str) -> Option<String> {
    let Expr::Await(awaited) = expression else { return None };
    let Expr::MethodCall(call) = &*awaited.base else { return None };
    let [Expr::Lit(argument)] = &call.args.iter().collect::<Vec<_>>()[..] else { return None };
    let Lit::Str(text) = &argument.lit else { return None };
    (call.method == "execute" && is_context(&call.receiver, context)).then(|| text.value())
}

fn is_context(receiver: &Expr, context: &str) -> bool {
    matches!(receiver, Expr::Path(path) if path.path.is_ident(context))
}

fn is_ok(expression: &Expr) -> bool {
    let Expr::Call(call) = expression else { return false };
    let named_ok = matches!(&*call.func, Expr::Path(path) if path.path.is_ident("Ok"));
    named_ok && matches!(&call.args.iter().collect::<Vec<_>>()[..], [Expr::Tuple(unit)] if unit.elems.is_empty())
}

/// The first call in the function that needs a connection, else the statement that could not be read.
fn obstacle(block: &Block, statement: &Stmt, context: &str) -> (Position, &'static str) {
    let mut online = Online { context, call: None };
    online.visit_block(block);
    online.call.unwrap_or((position(statement.span()), DOES_MORE))
}

struct Online<'f> {
    context: &'f str,
    call: Option<(Position, &'static str)>,
}

impl<'ast> Visit<'ast> for Online<'_> {
    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        visit::visit_expr_method_call(self, call);
        let needs = [("conn", ASKS_FOR_CONN), ("batches", WORKS_IN_BATCHES), ("batches_by", WORKS_IN_BATCHES)];
        let need = needs.into_iter().find(|(method, _)| call.method == method);
        if let (None, Some((_, why)), true) = (self.call, need, is_context(&call.receiver, self.context)) {
            self.call = Some((position(call.method.span()), why));
        }
    }
}

fn position(span: proc_macro2::Span) -> Position {
    let start = span.start();
    Position { line: start.line, column: start.column + 1 }
}

#[cfg(test)]
mod tests {
    use super::{ASKS_FOR_CONN, DOES_MORE, WORKS_IN_BATCHES, of};

    fn read(body: &str) -> Result<Vec<String>, (usize, &'static str)> {
        let text = format!("pub async fn up(cx: &mut Context<'_>) -> Result<()> {{\n{body}\n}}");
        of(&syn::parse_str(&text).expect("a function")).map_err(|(position, why)| (position.line, why))
    }

    #[test]
    fn calls_with_texts_are_read_in_order() {
        let texts = |texts: &[&str]| Ok(texts.iter().map(|text| (*text).to_owned()).collect());
        assert_eq!(
            read("cx.execute(\"A\").await?;\ncx.execute(r#\"B \"b\"\"#).await?;\nOk(())"),
            texts(&["A", "B \"b\""])
        );
        assert_eq!(read("// why\ncx.execute(\"A\\nB\").await"), texts(&["A\nB"]));
        assert_eq!(read("Ok(())"), texts(&[]));
    }

    #[test]
    fn everything_else_is_left_to_a_run() {
        for (body, line, why) in [
            ("cx.execute(\"A\").await?;\nlet n = 1;\nOk(())", 3, DOES_MORE),
            ("cx.execute(format!(\"A\")).await", 2, DOES_MORE),
            ("for _ in 0..2 { cx.execute(\"A\").await?; }\nOk(())", 2, DOES_MORE),
            ("other.execute(\"A\").await", 2, DOES_MORE),
            ("Ok(()); cx.execute(\"A\").await", 2, DOES_MORE),
            ("Err(\"no\".into())", 2, DOES_MORE),
            ("cx.execute(\"A\").await?;\nsqlx::query(\"B\")\n.execute(cx.conn()?).await?;\nOk(())", 4, ASKS_FOR_CONN),
            ("let n = 1;\nwork(\ncx.conn()?).await", 4, ASKS_FOR_CONN),
            ("cx.batches(\"A\")\n.total(7).await?;\ncx.conn()?;\nOk(())", 2, WORKS_IN_BATCHES),
            ("cx.execute(\"A\").await?;\ncx.batches_by(\"t\", \"id\", \"A\").await?;\nOk(())", 3, WORKS_IN_BATCHES),
        ] {
            assert_eq!(read(body), Err((line, why)), "{body}");
        }
    }
}
