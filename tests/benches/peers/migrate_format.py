# The end of the suite's gen_migrations.py: `tests/benches/peers/run` puts it there in the place of the call of `main`.
# The SQL is that of every other format, below a header.

one_of_peers = one


def one(fmt, d, i):
    if fmt != "migrate":
        return one_of_peers(fmt, d, i)
    folder = f"{d}/{stamp(i)}_{name(i)}"
    parent_id = stamp(i - 1) if i > 1 else "base"
    put(f"{folder}/up.sql", f"--! {name(i)}\n--!\n--! parent: {parent_id}\n\n{up(i)}")
    put(f"{folder}/down.sql", down(i))


FORMATS.append("migrate")

if __name__ == "__main__":
    main()
