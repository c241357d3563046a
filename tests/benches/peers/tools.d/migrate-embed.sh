# A program that upgrades its database when it starts, with the executor of this repository.
# It has a build script of its own, so `BUILD_RS` is not for it.
EMBED=migrate-embed FORMAT=migrate
version() { cat "$PEERS/migrate-embed.version"; }
setup() { :; }
apply_cmd() { ENV=("DATABASE_URL=$DBURL"); CMD=("$BIN"); }
noop_cmd() { apply_cmd; }
stampede_cmd() { apply_cmd; }
