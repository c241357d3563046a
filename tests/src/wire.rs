//! The frames of the PostgreSQL protocol, as far as a proxy must know them.

use std::io;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// A message that begins with a type byte: everything but the first packets of a client.
#[derive(Debug)]
pub(crate) struct Message {
    pub(crate) kind: u8,
    pub(crate) body: Vec<u8>,
}

/// What a client asks for before anything else.
#[derive(Debug)]
pub(crate) enum Opening {
    /// TLS or GSS encryption, to be answered with one byte.
    Encryption,
    /// A session, or the end of another session's statement: sent on as it is.
    Packet(Vec<u8>),
}

const SSL_REQUEST: u32 = 80_877_103;
const GSS_REQUEST: u32 = 80_877_104;

impl Message {
    /// The next message, `None` when the other side closed.
    pub(crate) async fn read(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<Self>> {
        let kind = match stream.read_u8().await {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            other => other?,
        };
        let length = stream.read_u32().await?;
        let body = read_body(stream, length, 4).await?;
        Ok(Some(Self { kind, body }))
    }

    pub(crate) async fn write(&self, stream: &mut (impl AsyncWrite + Unpin)) -> io::Result<()> {
        stream.write_u8(self.kind).await?;
        stream.write_u32(self.body.len() as u32 + 4).await?;
        stream.write_all(&self.body).await
    }

    /// The SQL text of a Query or Parse message.
    pub(crate) fn sql(&self) -> Option<String> {
        let mut strings = self.body.split(|byte| *byte == 0);
        let text = match self.kind {
            b'Q' => strings.next(),
            b'P' => strings.nth(1),
            _ => None,
        };
        text.map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    }
}

impl Opening {
    /// The next packet of a client that has not begun its session.
    pub(crate) async fn read(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Self> {
        let length = stream.read_u32().await?;
        let code = stream.read_u32().await?;
        if matches!(code, SSL_REQUEST | GSS_REQUEST) {
            return Ok(Self::Encryption);
        }
        let mut packet = [length.to_be_bytes(), code.to_be_bytes()].concat();
        packet.extend(read_body(stream, length, 8).await?);
        Ok(Self::Packet(packet))
    }
}

async fn read_body(stream: &mut (impl AsyncRead + Unpin), length: u32, counted: u32) -> io::Result<Vec<u8>> {
    let rest = length.checked_sub(counted).ok_or(io::ErrorKind::InvalidData)?;
    let mut body = vec![0; rest as usize];
    stream.read_exact(&mut body).await?;
    Ok(body)
}
