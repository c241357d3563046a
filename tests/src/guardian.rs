//! A child process that stops a server and removes its folder when the test process is gone, however it went.

use crate::account::Account;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Waits for the end of its input. A process that is killed has its pipes closed by the kernel, so this end comes
/// even when nothing of the test process runs any more; the interrupt that a terminal sends to everybody is ignored.
const SCRIPT: &str = r#"
trap '' INT TERM HUP
while read -r _; do :; done
"$1" stop --pgdata="$2/data" --mode=immediate --silent
rm -rf "$2"
"#;

/// The child; dropping it stops the server and waits until its folder is gone.
#[derive(Debug)]
pub(crate) struct Guardian {
    child: Child,
}

impl Guardian {
    pub(crate) fn watch(folder: &Path, pg_ctl: &Path, account: Option<Account>) -> Self {
        let mut command = Command::new("/bin/sh");
        command.arg("-c").arg(SCRIPT).arg("guardian").arg(pg_ctl).arg(folder);
        command.current_dir("/").stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        if let Some(account) = account {
            account.run(&mut command);
        }
        Self { child: command.spawn().unwrap_or_else(|error| panic!("/bin/sh: {error}")) }
    }
}

impl Drop for Guardian {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        // A guardian that somebody else ended leaves nothing to wait for.
        let _ = self.child.wait();
    }
}
