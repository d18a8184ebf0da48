//! Framing (Autobahn 1): lengths of every encoding, masks, and frames cut anywhere on their way.

use pollster_integration::{ClientFrame, Length};

use super::{HELLO, Talk, also_chopped, hold};

/// The lengths around those where their encoding changes, up to the longest message.
const LENGTHS: [usize; 8] = [15, 16, 125, 126, 127, 128, 16_383, 16_384];

/// The ping, in so many bytes.
fn padded(length: usize) -> String {
    format!("{HELLO:<length$}")
}

#[tokio::test]
async fn a_text_of_any_length_is_answered_however_it_is_cut() {
    let talks = LENGTHS.map(|length| {
        Talk::new(format!("{length} bytes")).sends(ClientFrame::text(padded(length))).says("pong")
    });
    let empty = Talk::new("no bytes").sends(ClientFrame::text("")).says("error");
    let all = talks.iter().chain([&empty]);
    hold(all.flat_map(|talk| also_chopped(talk, &[1, 2, 7, 997]))).await;
}

#[tokio::test]
async fn binary_messages_are_errors_and_no_end() {
    let talks = [0].into_iter().chain(LENGTHS).map(|length| {
        Talk::new(format!("{length} bytes")).sends(ClientFrame::binary(vec![0xfe; length])).says("error")
    });
    let said = Talk::new("a ping in binary").sends(ClientFrame::binary(HELLO)).says("error");
    let fragments = Talk::new("in fragments")
        .sends(ClientFrame::binary([0xfe]).more())
        .sends(ClientFrame::continuation([0xff]))
        .says("error");
    let talks: Vec<Talk> = talks.chain([said, fragments]).collect();
    hold(talks.iter().flat_map(|talk| also_chopped(talk, &[1, 997]))).await;
}

/// RFC 6455 asks of who sends a length that it be short, and nothing of who reads it.
#[tokio::test]
async fn lengths_in_more_bytes_than_they_take_are_read() {
    let long = [Length::Bits16, Length::Bits64].map(|length| {
        let name = format!("{length:?}");
        let text = ClientFrame::text(HELLO).length(length);
        Talk::new(name).sends(text).sends(ClientFrame::ping("p").length(length)).says("pong").pongs("p")
    });
    hold(long.iter().flat_map(|talk| also_chopped(talk, &[1]))).await;
}

#[tokio::test]
async fn every_mask_is_undone() {
    hold([[0; 4], [0xff; 4], [0, 0, 0, 1], *b"{\"ty"].map(|mask| {
        let text = ClientFrame::text(padded(126)).mask(Some(mask));
        Talk::new(format!("{mask:?}")).sends(text).says("pong")
    }))
    .await;
}

#[tokio::test]
async fn messages_in_one_write_are_answered_in_their_order() {
    let mixed = Talk::new("many")
        .sends(ClientFrame::text(HELLO))
        .sends(ClientFrame::binary("?"))
        .sends(ClientFrame::ping("p"))
        .sends(ClientFrame::text(padded(300)))
        .sends(ClientFrame::text("?"))
        .says("pong")
        .says("error")
        .pongs("p")
        .says("pong")
        .says("error");
    hold(also_chopped(&mixed, &[1, 2, 7])).await;
}
