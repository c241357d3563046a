//! The peers, which are programs in Python: Alembic and migra, in an environment outside of the checkout.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What is installed, each in the newest release that works with the others. migra imports `pkg_resources`, which newer
/// releases of setuptools do not have.
const PACKAGES: [&str; 6] = [
    "alembic==1.20.1",
    "sqlalchemy==2.1.9",
    "psycopg[binary]==3.3.9",
    "psycopg2-binary==2.9.13",
    "migra==3.0.1663481299",
    "setuptools<81",
];

const ENV: &str = r#"from alembic import context
from sqlalchemy import create_engine, pool

from models import Base

engine = create_engine(context.config.get_main_option("sqlalchemy.url"), poolclass=pool.NullPool)
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=Base.metadata)
    with context.begin_transaction():
        context.run_migrations()
"#;

/// The environment in which they are installed.
#[derive(Debug)]
pub(crate) struct Python {
    programs: PathBuf,
}

impl Python {
    /// The environment, made when it is not there yet.
    ///
    /// # Errors
    ///
    /// What is missing, and how to install it.
    pub(crate) fn environment() -> Result<Self, String> {
        let cache = match (env::var_os("XDG_CACHE_HOME"), env::var_os("HOME")) {
            (Some(cache), _) => PathBuf::from(cache),
            (None, Some(home)) => Path::new(&home).join(".cache"),
            (None, None) => env::temp_dir(),
        };
        let folder = cache.join("cargo-migrate/bench-autogenerate");
        let (venv, list) = (folder.join("venv"), folder.join("packages"));
        let python = Self { programs: venv.join("bin") };
        let wanted = PACKAGES.join("\n");
        if fs::read_to_string(&list).is_ok_and(|installed| installed == wanted) {
            return Ok(python);
        }
        let help = |error: String| {
            format!(
                "{error}\nhelp: on Debian `sudo apt-get install python3-venv`, and the package index must be reachable; or by hand:\n  \
                 python3 -m venv {venv}\n  {venv}/bin/pip install '{}'\n  printf '%s' '{wanted}' > {}",
                PACKAGES.join("' '"),
                list.display(),
                venv = venv.display()
            )
        };
        done(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&venv)).map_err(help)?;
        done(Command::new(python.programs.join("pip")).args(["install", "--quiet"]).args(PACKAGES)).map_err(help)?;
        fs::write(&list, wanted).map_err(|error| format!("{}: {error}", list.display()))?;
        Ok(python)
    }

    /// What is installed, in a line.
    pub(crate) fn versions(&self) -> String {
        let script = "import importlib.metadata as m, platform\n\
                      print('Python', platform.python_version(), *(f'{n} {m.version(n)}' for n in ('alembic', 'sqlalchemy', 'psycopg', 'migra')))";
        let output = Command::new(self.programs.join("python")).args(["-c", script]).output();
        output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default()
    }

    /// `alembic check`, of this folder, into which what it needs is written.
    pub(crate) fn alembic(&self, folder: &Path, models: &str, url: &str) -> Command {
        let url = url.replacen("postgres://", "postgresql+psycopg://", 1);
        let settings = format!("[alembic]\nscript_location = script\nprepend_sys_path = .\nsqlalchemy.url = {url}\n");
        fs::create_dir_all(folder.join("script/versions")).expect("a folder of the benchmark's own");
        for (path, text) in [
            ("alembic.ini", settings.as_str()),
            ("models.py", models),
            ("script/env.py", ENV),
            ("script/script.py.mako", ""),
        ] {
            fs::write(folder.join(path), text).expect("a folder of the benchmark's own");
        }
        let mut command = Command::new(self.programs.join("alembic"));
        command.arg("check").current_dir(folder);
        command
    }

    /// migra, between two databases.
    pub(crate) fn migra(&self, from: &str, to: &str) -> Command {
        let mut command = Command::new(self.programs.join("migra"));
        command.args([from, to].map(|url| url.replacen("postgres://", "postgresql://", 1)));
        command
    }
}

fn done(command: &mut Command) -> Result<(), String> {
    let program = command.get_program().display().to_string();
    match command.stdin(Stdio::null()).stdout(Stdio::null()).output() {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(format!("{program}: {}", String::from_utf8_lossy(&output.stderr).trim())),
        Err(error) => Err(format!("{program}: {error}")),
    }
}
