# The command line of this repository, which reads the revision files at every run.
version() { "$PEERS/bin/cargo-migrate" migrate --version; }
setup() { :; }
apply_cmd() { ENV=("DATABASE_URL=$DBURL"); CMD=("$PEERS/bin/cargo-migrate" migrate upgrade --dir "$MIG/migrate"); }
noop_cmd() { apply_cmd; }
stampede_cmd() { apply_cmd; }
