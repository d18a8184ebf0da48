//! Fragmentation (Autobahn 5).

use pollster_integration::ClientFrame;

use super::{HELLO, Talk, also_chopped, hold};

/// The ping in fragments that end where these numbers say.
fn cut_at(ends: &[usize]) -> Vec<ClientFrame> {
    let starts = [0].into_iter().chain(ends.iter().copied());
    let ends = ends.iter().copied().chain([HELLO.len()]);
    ClientFrame::fragments(starts.zip(ends).map(|(start, end)| &HELLO[start..end]))
}

#[tokio::test]
async fn a_text_in_fragments_is_answered_as_a_whole_one() {
    let every_byte: Vec<usize> = (1..HELLO.len()).collect();
    let mut talks: Vec<Talk> = every_byte
        .iter()
        .map(|end| Talk::new(format!("cut at {end}")).sends_all(cut_at(&[*end])).says("pong"))
        .collect();
    for (name, ends) in [
        ("three", &[4, 9][..]),
        ("an empty one first", &[0]),
        ("an empty one last", &[HELLO.len()]),
        ("empty ones between", &[5, 5, 5, 10]),
        ("a byte each", &every_byte),
    ] {
        talks.push(Talk::new(name).sends_all(cut_at(ends)).says("pong"));
    }
    talks.push(Talk::new("all empty").sends_all(ClientFrame::fragments(["", "", ""])).says("error"));
    hold(talks.iter().flat_map(|talk| also_chopped(talk, &[1]))).await;
}

#[tokio::test]
async fn pings_between_fragments_are_answered_before_the_message() {
    let pings = (0..).map(|number| ClientFrame::ping(format!("{number}")));
    let fragments = cut_at(&[2, 4, 8]);
    let woven = fragments.into_iter().zip(pings).flat_map(|(fragment, ping)| [ping, fragment]);
    let talk = Talk::new("pings between").sends_all(woven);
    let talk = (0..4).fold(talk, |talk, number| talk.pongs(number.to_string())).says("pong");
    let pong = Talk::new("a pong between")
        .sends(ClientFrame::text(&HELLO[..3]).more())
        .sends(ClientFrame::pong("unsolicited"))
        .sends(ClientFrame::continuation(&HELLO[3..]))
        .says("pong");
    hold([talk, pong].iter().flat_map(|talk| also_chopped(talk, &[1]))).await;
}

#[tokio::test]
async fn a_ping_between_fragments_does_not_wait_for_the_last_one() {
    let unfinished = Talk::new("unfinished")
        .sends(ClientFrame::text("{").more())
        .sends(ClientFrame::ping("p"))
        .pongs("p")
        .closes(&[1000]);
    // The close of the talk comes within the message, too.
    hold([unfinished.sends(ClientFrame::close(1000, ""))]).await;
}

#[tokio::test]
async fn control_frames_in_fragments_fail_with_1002() {
    let starts = [ClientFrame::ping("fragment"), ClientFrame::pong("fragment"), ClientFrame::close(1000, "")];
    let talks = starts.map(|start| {
        Talk::new(format!("{start:?}"))
            .sends(start.more())
            .sends(ClientFrame::continuation("s"))
            .fails(&[1002])
    });
    hold(talks.iter().flat_map(|talk| also_chopped(talk, &[1]))).await;
}

#[tokio::test]
async fn a_continuation_of_nothing_fails_with_1002() {
    let lone = [
        ClientFrame::continuation("?"),
        ClientFrame::continuation("?").more(),
        ClientFrame::continuation(""),
    ];
    let talks: Vec<Talk> = lone
        .into_iter()
        .flat_map(|lone| {
            let then = |talk: Talk| talk.sends(lone.clone()).sends(ClientFrame::text(HELLO)).fails(&[1002]);
            [
                then(Talk::new("at first")),
                then(Talk::new("after a text").sends(ClientFrame::text(HELLO)).says("pong")),
                then(Talk::new("after fragments").sends_all(cut_at(&[5, 9])).says("pong")),
                then(Talk::new("after a ping").sends(ClientFrame::ping("p")).pongs("p")),
            ]
        })
        .collect();
    hold(talks.iter().flat_map(|talk| also_chopped(talk, &[1]))).await;
}

#[tokio::test]
async fn a_message_within_a_message_fails_with_1002() {
    let starts = [ClientFrame::text("{"), ClientFrame::binary("{")];
    let seconds = [ClientFrame::text("}"), ClientFrame::binary("}"), ClientFrame::text(HELLO).more()];
    hold(starts.iter().flat_map(|start| {
        seconds.clone().map(|second| {
            Talk::new(format!("{second:?} in {start:?}"))
                .sends(start.clone().more())
                .sends(ClientFrame::continuation("").more())
                .sends(second)
                .fails(&[1002])
        })
    }))
    .await;
}
