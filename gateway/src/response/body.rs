//! A response's body: whole, or in chunks as they come.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::stream::{BoxStream, Stream, StreamExt};
use http_body_util::Full;
use hyper::body::{Frame, SizeHint};

/// What follows a response's headers.
pub(crate) enum Body {
    /// All of it, its length known beforehand.
    Whole(Full<Bytes>),
    /// Chunks, until the stream or the connection ends.
    Stream(BoxStream<'static, Bytes>),
}

impl Body {
    /// A body of all that `chunks` gives, each sent at once. It is dropped when the client is gone.
    pub(crate) fn stream(chunks: impl Stream<Item = Bytes> + Send + 'static) -> Self {
        Self::Stream(chunks.boxed())
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self::Whole(Full::new(bytes))
    }
}

/// An empty one.
impl Default for Body {
    fn default() -> Self {
        Self::Whole(Full::default())
    }
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match self.get_mut() {
            Self::Whole(bytes) => Pin::new(bytes).poll_frame(context),
            Self::Stream(chunks) => {
                chunks.poll_next_unpin(context).map(|chunk| chunk.map(Frame::data).map(Ok))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(bytes) => bytes.is_end_stream(),
            Self::Stream(_) => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => bytes.size_hint(),
            Self::Stream(_) => SizeHint::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use futures_util::stream;
    use http_body_util::BodyExt;
    use hyper::body::Body as _;

    use super::*;

    #[test]
    fn a_whole_body_has_its_length() {
        let body = Body::from(Bytes::from_static(b"votes"));
        assert_eq!(body.size_hint().exact(), Some(5));
        assert!(!body.is_end_stream());
        assert_eq!(body.collect().now_or_never().unwrap().unwrap().to_bytes(), "votes");
        assert!(Body::default().is_end_stream());
    }

    #[test]
    fn a_stream_s_chunks_come_one_by_one() {
        let chunks = stream::iter(["one", "two"].map(Bytes::from));
        let mut body = Body::stream(chunks.chain(stream::pending()));
        for expected in ["one", "two"] {
            let frame = body.frame().now_or_never().unwrap().unwrap().unwrap();
            assert_eq!(frame.into_data().unwrap(), expected);
        }
        assert!(body.frame().now_or_never().is_none());
        assert!(!body.is_end_stream() && body.size_hint().exact().is_none());
    }
}
