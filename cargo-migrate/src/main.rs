//! The `cargo migrate` program.

fn main() -> std::process::ExitCode {
    cargo_migrate::main()
}
