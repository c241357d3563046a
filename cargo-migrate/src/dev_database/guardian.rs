//! A child process that stops a server and removes its folder when this process is gone, however it went.

use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::account::Account;

/// Waits for the end of its input. The pipes of a process that is killed are closed by the kernel, so this end comes even
/// when nothing of us runs any more; the interrupt that a terminal sends to everybody is ignored. What an `initdb` that was
/// cut off still writes may come in between.
const SCRIPT: &str = r#"
trap '' INT TERM HUP
PATH=$PATH:/usr/bin:/bin
while read -r _; do :; done
[ -e "$2/data/postmaster.pid" ] && "$1" stop --pgdata="$2/data" --mode=immediate --silent
for _ in 1 2 3 4 5; do
    rm -rf "$2" && [ ! -e "$2" ] && exit
    sleep 1
done
"#;

/// The child; dropping it stops the server and waits until its folder is gone.
#[derive(Debug)]
pub(super) struct Guardian {
    child: Child,
}

impl Guardian {
    pub(super) fn watch(folder: &Path, pg_ctl: &Path, account: Option<Account>) -> io::Result<Self> {
        let mut command = Command::new("/bin/sh");
        command.arg("-c").arg(SCRIPT).arg("cargo-migrate-guardian").arg(pg_ctl).arg(folder);
        command.current_dir("/").stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        if let Some(account) = account {
            command.uid(account.uid).gid(account.gid);
        }
        Ok(Self { child: command.spawn()? })
    }
}

impl Drop for Guardian {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        // A guardian that somebody else has ended leaves nothing to wait for.
        let _ = self.child.wait();
    }
}
