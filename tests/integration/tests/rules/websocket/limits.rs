//! Limits (Autobahn 9): a message has at most 48 KiB, however it comes; of a longer one nothing is awaited.

use pollster_integration::{ClientFrame, Length};

use super::{HELLO, Talk, hold};

const MOST: usize = 48 * 1024;

/// A text of so many bytes in fragments of a size.
fn fragments(length: usize, size: usize) -> Vec<ClientFrame> {
    ClientFrame::fragments(format!("{HELLO:<length$}").as_bytes().chunks(size))
}

#[tokio::test]
async fn a_message_of_the_most_bytes_is_answered_in_any_fragments() {
    hold([MOST, MOST - 1, 1024, 512].map(|size| {
        Talk::new(format!("{size} bytes a fragment")).sends_all(fragments(MOST, size)).says("pong")
    }))
    .await;
}

#[tokio::test]
async fn a_message_of_a_byte_more_fails_with_1009() {
    let text = format!("{HELLO:<0$}", MOST + 1);
    let whole = [ClientFrame::text(&text), ClientFrame::binary(&text)]
        .map(|frame| Talk::new("in one frame").sends(frame).fails(&[1009]));
    let fragmented = [MOST, 1024, 512].map(|size| {
        Talk::new(format!("{size} bytes a fragment")).sends_all(fragments(MOST + 1, size)).fails(&[1009])
    });
    let more = [65_535, 65_536, 1_000_000].map(|length| {
        Talk::new(format!("{length} bytes")).sends(ClientFrame::text(vec![b' '; length])).fails(&[1009])
    });
    hold(whole.into_iter().chain(fragmented).chain(more)).await;
}

/// RFC 6455 wants the top bit of a length to be 0, so that one is also an error of the protocol; so is a control
/// frame of more than 125 bytes.
#[tokio::test]
async fn a_frame_that_says_it_is_too_long_fails_before_it_comes() {
    let claims = [MOST as u64 + 1, 1 << 31, 1 << 32, u64::MAX >> 1, 1 << 63, u64::MAX];
    let frames = [ClientFrame::text(""), ClientFrame::binary(""), ClientFrame::ping("")];
    hold(claims.into_iter().flat_map(|claimed| {
        frames.clone().map(|frame| {
            let frame = frame.length(Length::Claimed(claimed));
            Talk::new(format!("{frame:?}")).sends(frame).fails(&[1009, 1002])
        })
    }))
    .await;
}

#[tokio::test]
async fn a_fragment_that_says_it_makes_too_much_fails_before_it_comes() {
    let begun = ClientFrame::text(vec![b' '; MOST / 2]).more();
    let huge = ClientFrame::continuation("").length(Length::Claimed(1 << 40));
    hold([Talk::new("a huge continuation").sends(begun).sends(huge).fails(&[1009])]).await;
}

/// By their bytes in the end, or by their rate before.
#[tokio::test]
async fn fragments_without_end_fail() {
    let more = std::iter::repeat_n(ClientFrame::continuation(" ").more(), MOST);
    let endless = Talk::new("endless").sends(ClientFrame::text(" ").more()).sends_all(more);
    hold([endless.fails(&[1008, 1009])]).await;
}
