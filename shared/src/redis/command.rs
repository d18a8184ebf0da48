//! Which key a command is about: the first one, since all keys of a command of ours have one slot.

use redis::{Arg, Cmd};

/// The command's first key; `None` where it has none, as `PING` or `SCRIPT LOAD`.
pub(super) fn key(command: &Cmd) -> Option<&[u8]> {
    let mut arguments = command.args_iter().map(|argument| match argument {
        Arg::Simple(bytes) => bytes,
        _ => &[],
    });
    match arguments.next()? {
        b"PING" | b"SCRIPT" | b"WAIT" => None,
        b"EVALSHA" | b"EVAL" => {
            let keys = arguments.nth(1)?;
            arguments.next().filter(|_| keys != b"0")
        }
        b"XREADGROUP" => arguments.skip_while(|argument| *argument != b"STREAMS").nth(1),
        b"XGROUP" | b"XINFO" => arguments.nth(1),
        _ => arguments.next(),
    }
}

#[cfg(test)]
mod tests {
    use redis::streams::StreamReadOptions;
    use redis::{Cmd, cmd};

    use super::*;

    #[test]
    fn the_first_key_of_every_kind_of_command_is_found() {
        let read = StreamReadOptions::default().group("g", "c").count(1).block(1);
        for command in [
            Cmd::hget("k", "f"),
            Cmd::xread_options(&["k", "l"], &[">", ">"], &read),
            Cmd::xinfo_consumers("k", "g"),
            cmd("XGROUP").arg("CREATE").arg("k").take(),
            cmd("EVALSHA").arg("sha").arg(2).arg("k").arg("l").arg("a").take(),
            cmd("SPUBLISH").arg("k").arg("message").take(),
            Cmd::unlink(&["k", "l"]),
        ] {
            assert_eq!(key(&command), Some(&b"k"[..]), "{command:?}");
        }
    }

    #[test]
    fn commands_about_the_server_have_no_key() {
        let load = cmd("SCRIPT").arg("LOAD").arg("return 1").take();
        let evaluate = cmd("EVALSHA").arg("sha").arg(0).arg("a").take();
        assert!([cmd("PING"), load, evaluate].iter().all(|command| key(command).is_none()));
    }
}
