//! Reserved bits and opcodes (Autobahn 3 and 4), and frames without a mask: no extension gives them a meaning.

use pollster_integration::ClientFrame;

use super::{HELLO, Talk, also_chopped, hold};

/// A frame of every opcode that has a meaning.
fn frames() -> [ClientFrame; 6] {
    [
        ClientFrame::text(HELLO),
        ClientFrame::text(""),
        ClientFrame::binary("?"),
        ClientFrame::ping("p"),
        ClientFrame::pong("p"),
        ClientFrame::close(1000, ""),
    ]
}

/// Talks that fail by a frame: as the first, after a text and before a ping, within a message.
fn failing(frame: &ClientFrame) -> Vec<Talk> {
    let talks = [
        Talk::new(format!("{frame:?}")).sends(frame.clone()),
        Talk::new(format!("{frame:?} between others"))
            .sends(ClientFrame::text(HELLO))
            .sends(frame.clone())
            .sends(ClientFrame::ping("p"))
            .says("pong"),
        Talk::new(format!("{frame:?} within a message"))
            .sends(ClientFrame::text("{").more())
            .sends(frame.clone()),
    ];
    talks.into_iter().flat_map(|talk| also_chopped(&talk.fails(&[1002]), &[1])).collect()
}

#[tokio::test]
async fn reserved_bits_fail_with_1002() {
    let marked = (1..8).flat_map(|bits| frames().map(|frame| frame.reserved(bits)));
    hold(marked.flat_map(|frame| failing(&frame))).await;
}

#[tokio::test]
async fn reserved_bits_of_a_continuation_fail_with_1002() {
    hold((1..8).map(|bits| {
        Talk::new(bits)
            .sends(ClientFrame::text(&HELLO[..5]).more())
            .sends(ClientFrame::continuation(&HELLO[5..]).reserved(bits))
            .fails(&[1002])
    }))
    .await;
}

#[tokio::test]
async fn reserved_opcodes_fail_with_1002() {
    let opcodes = (3..=7).chain(11..=15);
    let frames =
        opcodes.flat_map(|opcode| ["", "reserved opcode"].map(|payload| ClientFrame::new(opcode, payload)));
    hold(frames.flat_map(|frame| failing(&frame))).await;
}

#[tokio::test]
async fn frames_without_a_mask_fail_with_1002() {
    let unmasked = frames().into_iter().chain([ClientFrame::binary(vec![b'x'; 1000])]);
    hold(unmasked.flat_map(|frame| failing(&frame.mask(None)))).await;
}
