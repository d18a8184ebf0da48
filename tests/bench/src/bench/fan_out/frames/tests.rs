use super::*;

/// Frames as kind and payload, so that they can be kept.
fn read_pieces(pieces: &[&[u8]]) -> Result<Vec<(&'static str, Vec<u8>)>, Malformed> {
    let (mut frames, mut found) = (Frames::default(), Vec::new());
    for piece in pieces {
        frames.read(piece, |frame| {
            found.push(match frame {
                Frame::Text(text) => ("text", text.to_vec()),
                Frame::Ping(payload) => ("ping", payload.to_vec()),
                Frame::Pong => ("pong", Vec::new()),
                Frame::Close(code) => ("close", code.map(|code| code.to_string().into()).unwrap_or_default()),
            });
            Ok::<_, Malformed>(())
        })?;
    }
    Ok(found)
}

fn text(length: usize) -> Vec<u8> {
    let mut frame = vec![0x81];
    match length {
        0..126 => frame.push(length as u8),
        126..65_536 => {
            frame.push(126);
            frame.extend((length as u16).to_be_bytes());
        }
        _ => {
            frame.push(127);
            frame.extend((length as u64).to_be_bytes());
        }
    }
    frame.extend((0..length).map(|at| at as u8));
    frame
}

#[test]
fn frames_are_found_wherever_the_bytes_are_split() {
    let all = [text(5), vec![0x89, 3, b'a', b'b', b'c'], text(300), vec![0x88, 2, 0x0b, 0xc0], vec![0x8a, 0]];
    let bytes = all.concat();
    let whole = read_pieces(&[&bytes]).unwrap();
    let kinds: Vec<_> = whole.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(kinds, ["text", "ping", "text", "close", "pong"]);
    assert_eq!((whole[1].1.as_slice(), whole[3].1.as_slice()), (b"abc".as_slice(), b"3008".as_slice()));
    for first in 0..=bytes.len() {
        for second in (first..=bytes.len()).step_by(7) {
            let pieces = [&bytes[..first], &bytes[first..second], &bytes[second..]];
            assert_eq!(read_pieces(&pieces).unwrap(), whole, "split at {first} and {second}");
        }
    }
    let single: Vec<&[u8]> = bytes.chunks(1).collect();
    assert_eq!(read_pieces(&single).unwrap(), whole);
}

#[test]
fn lengths_of_every_form_are_read() {
    for length in [0, 1, 125, 126, 127, 65_535, 65_536, 200_000] {
        let found = read_pieces(&[&text(length)]).unwrap();
        assert_eq!(found.len(), 1, "{length}");
        assert_eq!(found[0].1.len(), length);
    }
}

#[test]
fn a_close_may_come_without_a_code() {
    assert_eq!(read_pieces(&[&[0x88, 0]]).unwrap(), [("close", Vec::new())]);
}

#[test]
fn what_no_server_sends_is_an_error() {
    // Masked; binary; the first piece of a message; a reserved bit.
    for begin in [[0x81, 0x80], [0x82, 0x00], [0x01, 0x00], [0xc1, 0x00]] {
        assert!(read_pieces(&[&[begin[0], begin[1], 0, 0, 0, 0]]).is_err(), "{begin:02x?}");
    }
}
