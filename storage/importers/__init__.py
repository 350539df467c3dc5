"""Other packages' memories, read into ours: one small file a format, what they share beside it.

How a further importer is written:

1. A module here with one `FORMAT`, a `formats.Format`:

   - `detect(look)` says by content whether a file is of this format, and what is in it (`Found`),
     else None. It is given a `peek.Look`: the tables and columns of a SQLite database, or the first
     lines of a file of JSON lines; it never looks at a name, and reads little.
   - `items(opened, since)` is a plain generator of `Item`: it runs in a thread and is turned into
     an async one, so it may block. `opened` is a `sqlite_file.SqliteFile` (`page()`, `by_number()`)
     or a `line_file.LineFile` (`records()`). Each item names its position (`at`), and `since` is
     the position of the last one that was kept, or None to begin at the beginning.
   - `appends` says that what comes after a position is all that is new.
   - `remarks` says what the source holds that no item stands for.

2. Its name in `formats.MODULES`.

An item's `key` is the source's own identity behind the name of the format (`openai:<session>:<id>`)
and becomes the id of the record, so that a second import adds nothing. Its `hash` tells whether the
source has changed it since. What cannot be read is an item too, made by `damaged()`.

Nothing of a source is run: no pickle, no objects from msgpack. A source is never written, and
tables that may hold credentials are never read.
"""
