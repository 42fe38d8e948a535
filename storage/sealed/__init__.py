"""What tells of a person is locked before it is stored. Why so: docs/decisions/; what: docs/reference/security.md.

`box` locks one value, `masters` and `key_file` hold the keys above all others, `vault` has them in memory, `types` are
the columns, and `keys` is what the other parts of storage call."""
