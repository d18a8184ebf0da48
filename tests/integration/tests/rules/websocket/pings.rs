//! Pings and pongs (Autobahn 2).

use pollster_integration::ClientFrame;

use super::{Talk, also_chopped, hold};

#[tokio::test]
async fn a_ping_is_answered_by_a_pong_with_its_payload() {
    let payloads: [&[u8]; 5] =
        [b"", b"Hello, world!", &[0x00, 0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0x00, 0xff], &[0xfe; 125], b"\xce"];
    let talks = payloads
        .map(|payload| Talk::new(format!("{payload:?}")).sends(ClientFrame::ping(payload)).pongs(payload));
    hold(talks.iter().flat_map(|talk| also_chopped(talk, &[1]))).await;
}

#[tokio::test]
async fn a_pong_that_was_not_asked_for_is_passed_over() {
    let talks = [
        Talk::new("without payload").sends(ClientFrame::pong("")),
        Talk::new("with payload").sends(ClientFrame::pong("unsolicited")),
        Talk::new("before a ping")
            .sends(ClientFrame::pong("unsolicited"))
            .sends(ClientFrame::ping("p"))
            .pongs("p"),
    ];
    hold(talks.iter().flat_map(|talk| also_chopped(talk, &[1]))).await;
}

/// RFC 6455 asks for a pong to the last of them only, Autobahn for all.
#[tokio::test]
async fn ten_pings_are_answered_by_ten_pongs_in_their_order() {
    let payloads = (0..10).map(|number| format!("payload-{number}"));
    let talk = payloads.fold(Talk::new("ten pings"), |talk, payload| {
        talk.sends(ClientFrame::ping(&payload)).pongs(&payload)
    });
    hold(also_chopped(&talk, &[1, 10])).await;
}

#[tokio::test]
async fn a_control_frame_of_more_than_125_bytes_fails_with_1002() {
    let talks = [126, 1000].into_iter().flat_map(|length| {
        let payload = vec![b'x'; length];
        [ClientFrame::ping(&payload), ClientFrame::pong(&payload)]
            .map(|frame| Talk::new(length).sends(frame).sends(ClientFrame::ping("p")).fails(&[1002]))
    });
    let talks: Vec<Talk> = talks.collect();
    hold(talks.iter().flat_map(|talk| also_chopped(talk, &[1]))).await;
}
