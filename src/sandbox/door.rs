//! The way in: a listener whose connections all end when the sandbox does.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::serve::Listener;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Open for as long as its [`Sender`](watch::Sender) lives. Nothing is ever sent: the one who holds the sender
/// closes the door by dropping it, which no panic and no early return can forget.
pub(super) type Open = watch::Receiver<()>;

/// Waits until the door is closed.
pub(super) async fn closed(mut open: Open) {
    while open.changed().await.is_ok() {}
}

/// A listener on which connections don't outlive the door.
///
/// A server's own graceful end waits for its clients; one that keeps half a request to itself would keep the
/// connection, and the task that serves it, for ever.
#[derive(Debug)]
pub(super) struct Door {
    pub(super) listener: TcpListener,
    pub(super) open: Open,
}

impl Listener for Door {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.listener).await;
        // Best effort: without it a small answer may wait for the other side's acknowledgement.
        let _ = stream.set_nodelay(true);
        (Connection { stream, closed: Some(Box::pin(closed(self.open.clone()))) }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// A connection that breaks when the door is closed.
pub(super) struct Connection {
    stream: TcpStream,
    /// Gone once the door is closed.
    closed: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

impl Connection {
    /// The stream, unless the door is closed. Also sees to it that the task wakes up when that happens.
    fn stream(&mut self, context: &mut Context<'_>) -> io::Result<Pin<&mut TcpStream>> {
        if let Some(closed) = &mut self.closed
            && closed.as_mut().poll(context).is_ready()
        {
            self.closed = None;
        }
        match self.closed {
            Some(_) => Ok(Pin::new(&mut self.stream)),
            None => Err(io::ErrorKind::ConnectionAborted.into()),
        }
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.stream(context)?.poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.stream(context)?.poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.stream(context)?.poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream(context)?.poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream(context)?.poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;
    use tokio::runtime::Handle;

    use crate::sandbox::Sandbox;

    #[tokio::test]
    async fn a_client_that_says_nothing_more_does_not_keep_the_sandbox() {
        let sandbox = Sandbox::start().await.expect("a port is free");
        let address =
            sandbox.base_url().trim_start_matches("http://").split('/').next().expect("it has a host");
        let address = address.to_owned();
        let mut client = TcpStream::connect(&address).await.expect("the sandbox listens");
        client.write_all(b"GET / HTTP/1.1\r\nhost: h\r\n\r\n").await.expect("the sandbox reads");
        client.read_u8().await.expect("the sandbox answers");
        let half = b"POST /enterprise/sign/documents HTTP/1.1\r\nhost: h\r\ncontent-length: 9\r\n\r\n%PDF";
        client.write_all(half).await.expect("the sandbox reads on");
        assert!(Handle::current().metrics().num_alive_tasks() > 1);

        sandbox.stop().await;

        assert_eq!(Handle::current().metrics().num_alive_tasks(), 0);
        TcpStream::connect(&address).await.expect_err("nobody listens");
    }
}
