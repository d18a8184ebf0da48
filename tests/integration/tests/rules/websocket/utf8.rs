//! UTF-8 (Autobahn 6). Texts that are UTF-8 and not JSON are answered with an error.

use pollster_integration::ClientFrame;

use super::{Talk, also_chopped, hold};

const GREEK: &str = "κόσμε";

/// Texts that decoders trip over, all of them right (Autobahn 6.5 to 6.9, 6.22, 6.23).
fn valid() -> Vec<String> {
    let mut texts: Vec<String> =
        ["hello$world", "hello¢world", "hello€world", "hello𤭢world", GREEK].map(str::to_owned).into();
    // The first and the last of each length, around the surrogates, the specials.
    let points = "\0\u{80}\u{800}\u{10000}\u{7f}\u{7ff}\u{ffff}\u{10ffff}\u{d7ff}\u{e000}\u{fff9}\u{fffa}\u{fffb}\u{fffc}\u{fffd}\u{fffe}";
    texts.extend(points.chars().map(String::from));
    // What is no character, at the end of each plane.
    let planes = (1..=16).flat_map(|plane| [plane << 16 | 0xfffe, plane << 16 | 0xffff]);
    texts.extend(planes.filter_map(char::from_u32).map(String::from));
    texts
}

#[tokio::test]
async fn texts_of_all_of_unicode_are_read() {
    let whole = valid()
        .into_iter()
        .map(|text| Talk::new(format!("{text:?}")).sends(ClientFrame::text(&text)).says("error"));
    let bytes = valid().into_iter().map(|text| {
        let fragments = ClientFrame::fragments(text.as_bytes().chunks(1));
        Talk::new(format!("{text:?} a byte a frame")).sends_all(fragments).says("error")
    });
    hold(whole.chain(bytes)).await;
}

#[tokio::test]
async fn a_character_may_be_cut_by_fragments_and_by_pings() {
    let cuts = (0..=GREEK.len()).map(|at| {
        let (start, end) = GREEK.as_bytes().split_at(at);
        Talk::new(format!("cut at {at}"))
            .sends(ClientFrame::text(start).more())
            .sends(ClientFrame::ping("p"))
            .sends(ClientFrame::continuation(end))
            .pongs("p")
            .says("error")
    });
    let empty = Talk::new("an empty fragment within")
        .sends_all(ClientFrame::fragments([&GREEK.as_bytes()[..3], b"", &GREEK.as_bytes()[3..]]))
        .says("error");
    let talks: Vec<Talk> = cuts.chain([empty]).collect();
    hold(talks.iter().flat_map(|talk| also_chopped(talk, &[1]))).await;
}

#[tokio::test]
async fn only_texts_must_be_utf_8() {
    let spoilt = b"\xce\xba\xed\xa0\x80";
    hold([
        Talk::new("binary").sends(ClientFrame::binary(spoilt)).says("error"),
        Talk::new("a ping").sends(ClientFrame::ping(spoilt)).pongs(spoilt),
        Talk::new("a pong").sends(ClientFrame::pong(spoilt)),
    ])
    .await;
}

/// Bytes that are no UTF-8 (Autobahn 6.3 and 6.6 to 6.21, after Markus Kuhn's decoder test).
fn invalid() -> Vec<Vec<u8>> {
    let mut texts: Vec<Vec<u8>> = [
        // After right characters and before others.
        &b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80edited"[..],
        b"\xce\xba\xf4\x90\x80\x80edited",
        // Of 5 and 6 bytes, and beyond U+10FFFF.
        b"\xf8\x88\x80\x80\x80",
        b"\xfc\x84\x80\x80\x80\x80",
        b"\xf7\xbf\xbf\xbf",
        b"\xfb\xbf\xbf\xbf\xbf",
        b"\xfd\xbf\xbf\xbf\xbf\xbf",
        b"\xf4\x90\x80\x80",
        // Continuations of nothing.
        b"\x80",
        b"\xbf",
        b"\x80\xbf",
        b"\x80\xbf\x80",
        b"\x80\xbf\x80\xbf\x80\xbf",
        // Never in UTF-8.
        b"\xfe",
        b"\xff",
        b"\xfe\xfe\xff\xff",
        // Longer than they need be: "/", the last of each length, NUL.
        b"\xc0\xaf",
        b"\xe0\x80\xaf",
        b"\xf0\x80\x80\xaf",
        b"\xf8\x80\x80\x80\xaf",
        b"\xfc\x80\x80\x80\x80\xaf",
        b"\xc1\xbf",
        b"\xe0\x9f\xbf",
        b"\xf0\x8f\xbf\xbf",
        b"\xf8\x87\xbf\xbf\xbf",
        b"\xfc\x83\xbf\xbf\xbf\xbf",
        b"\xc0\x80",
        b"\xe0\x80\x80",
        b"\xf0\x80\x80\x80",
        b"\xf8\x80\x80\x80\x80",
        b"\xfc\x80\x80\x80\x80\x80",
        // Surrogates, alone and in pairs.
        b"\xed\xa0\x80",
        b"\xed\xad\xbf",
        b"\xed\xae\x80",
        b"\xed\xaf\xbf",
        b"\xed\xb0\x80",
        b"\xed\xbe\x80",
        b"\xed\xbf\xbf",
        b"\xed\xa0\x80\xed\xb0\x80",
        b"\xed\xad\xbf\xed\xb0\x80",
        b"\xed\xae\x80\xed\xbf\xbf",
        b"\xed\xaf\xbf\xed\xbf\xbf",
    ]
    .map(<[u8]>::to_vec)
    .into();
    texts.push((0x80..=0xbf).collect());
    // Starts before a space.
    for starts in [0xc0..=0xdf, 0xe0..=0xef, 0xf0..=0xf7, 0xf8..=0xfb, 0xfc..=0xfd_u8] {
        texts.push(starts.flat_map(|start| [start, b' ']).collect());
    }
    let unfinished = unfinished();
    texts.push(unfinished.concat());
    texts.extend(unfinished);
    texts
}

/// Characters without their last byte.
fn unfinished() -> Vec<Vec<u8>> {
    let texts: [&[u8]; 13] = [
        b"\xce",
        b"\xe1\xbd",
        b"\xf0\xa4\xad",
        b"\xc0",
        b"\xe0\x80",
        b"\xf0\x80\x80",
        b"\xf8\x80\x80\x80",
        b"\xfc\x80\x80\x80\x80",
        b"\xdf",
        b"\xef\xbf",
        b"\xf7\xbf\xbf",
        b"\xfb\xbf\xbf\xbf",
        b"\xfd\xbf\xbf\xbf\xbf",
    ];
    texts.map(<[u8]>::to_vec).into()
}

#[tokio::test]
async fn a_text_that_is_no_utf_8_fails_with_1007() {
    hold(invalid().into_iter().flat_map(|text| {
        let whole = Talk::new(format!("{text:x?}")).sends(ClientFrame::text(&text));
        let bytes = Talk::new(format!("{text:x?} a byte a frame"))
            .sends_all(ClientFrame::fragments(text.chunks(1).chain([&b""[..]])));
        let after = Talk::new(format!("{text:x?} after a ping")).sends(ClientFrame::ping("p")).pongs("p");
        let after = after.sends(ClientFrame::text(&text)).sends(ClientFrame::ping("p"));
        [whole, bytes, after].map(|talk| talk.fails(&[1007]))
    }))
    .await;
}

/// What is wrong is found with the fragment that has it, not with the last one, which may never come.
#[tokio::test]
async fn a_text_that_can_not_become_utf_8_fails_before_it_ends() {
    let begun = || Talk::new("begun").sends(ClientFrame::text(GREEK).more()).fails(&[1007]);
    hold([
        begun().sends(ClientFrame::continuation(b"\xf4\x90\x80\x80").more()),
        begun()
            .sends(ClientFrame::continuation(b"\xf4").more())
            .sends(ClientFrame::continuation(b"\x90").more()),
        begun().sends(ClientFrame::continuation(b"\xce").more()).sends(ClientFrame::continuation("x").more()),
        Talk::new("at first").sends(ClientFrame::text(b"\xff").more()).fails(&[1007]),
    ])
    .await;
}
