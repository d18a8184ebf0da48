//! A response's body: whole, or in chunks as they come.

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
    Stream(BoxStream<'static, Result<Bytes, Incomplete>>),
}

/// The rest of a body can't be had. Its connection ends without the mark of the body's end, so that the client does
/// not take what it got for the whole.
#[derive(Debug, thiserror::Error)]
#[error("the rest of the body can't be had")]
pub(crate) struct Incomplete;

impl Body {
    /// A body of all that `chunks` gives, each sent at once. It is dropped when the client is gone.
    pub(crate) fn stream(chunks: impl Stream<Item = Bytes> + Send + 'static) -> Self {
        Self::try_stream(chunks.map(Ok))
    }

    /// The same of chunks that may fail to come.
    pub(crate) fn try_stream(chunks: impl Stream<Item = Result<Bytes, Incomplete>> + Send + 'static) -> Self {
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
    type Error = Incomplete;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Incomplete>>> {
        match self.get_mut() {
            Self::Whole(bytes) => {
                let frame = Pin::new(bytes).poll_frame(context);
                frame.map_err(|never| match never {})
            }
            Self::Stream(chunks) => {
                chunks.poll_next_unpin(context).map(|chunk| chunk.map(|chunk| chunk.map(Frame::data)))
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

    #[test]
    fn a_body_whose_rest_can_t_be_had_fails() {
        let chunks = stream::iter([Ok(Bytes::from_static(b"one")), Err(Incomplete)]);
        assert!(Body::try_stream(chunks).collect().now_or_never().unwrap().is_err());
    }
}
