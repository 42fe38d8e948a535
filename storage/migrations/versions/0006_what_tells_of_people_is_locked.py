"""A data key for each person; what tells of them is locked with it, and found by keyed hashes"""

import orjson
import sqlalchemy as sa
from alembic import op

from conversations import short_lived
from storage.migrations.locks import take
from storage.sealed.box import Box, new_key, place
from storage.sealed.vault import vault_of

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
PORTION = 1000
"""So many rows of a table are in memory at once."""
CHANGED = ['addresses', 'contacts', 'counsellors', 'messages', 'notes', 'passes', 'plan_steps', 'referrals', 'runs',
           'tasks', 'tickets']
OF_PEOPLE = {
    'contacts': ('id', '', ['known', 'discreet']),
    'runs': ('contact_id', 'id', ['answers']),
    'messages': ('contact_id', '', ['text', 'content']),
    'tickets': ('contact_id', '', ['reason', 'outcome', 'alarm']),
    'notes': ('contact_id', '', ['text']),
    'tasks': ('contact_id', 'key', ['about']),
    'plan_steps': ('contact_id', 'key', ['what']),
    'referrals': ('contact_id', 'key', ['outcome']),
}
"""Table -> whose a row is, what binds the row beside, and what is locked."""
OF_THE_TEAM = {
    'counsellors': ('id', '', ['code_secret']),
    'passes': ('counsellor_id', '', ['secret']),
}
JSON = {'contacts.known', 'contacts.discreet', 'runs.answers', 'messages.content', 'tickets.alarm'}


def upgrade() -> None:
    connection = op.get_bind()
    take(connection, changed=CHANGED)
    op.create_table(
        'contact_keys',
        sa.Column('contact_id', ID, nullable=False),
        sa.Column('master', sa.String(16), nullable=False),
        sa.Column('wrapped', sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(['contact_id'], ['contacts.id'], ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('contact_id'),
    )
    op.create_table(
        'system_keys',
        sa.Column('name', sa.String(16), nullable=False),
        sa.Column('master', sa.String(16), nullable=False),
        sa.Column('wrapped', sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint('name'),
    )
    no = sa.false()
    op.add_column('contacts', sa.Column('feels', sa.Boolean(), nullable=False, server_default=no))
    op.add_column('runs', sa.Column('feels', sa.Boolean(), nullable=False, server_default=no))
    op.add_column('addresses', sa.Column('sealed', sa.Text(), nullable=False, server_default=''))
    if _has_people(connection) or _has_team(connection):
        _lock(connection)
    with op.batch_alter_table('addresses') as table:
        table.alter_column('sealed', server_default=None)
    for name in ('contacts', 'runs'):
        with op.batch_alter_table(name, table_kwargs={'sqlite_autoincrement': True}) as table:
            table.alter_column('feels', server_default=None)


def _has_people(connection: sa.Connection) -> bool:
    return bool(connection.scalar(sa.text('SELECT count(*) FROM (SELECT 1 FROM contacts LIMIT 1) AS found')))


def _has_team(connection: sa.Connection) -> bool:
    return bool(connection.scalar(sa.text('SELECT count(*) FROM (SELECT 1 FROM counsellors LIMIT 1) AS found')))


def _lock(connection: sa.Connection) -> None:
    from storage.sealed import keys

    keys.prepare(connection)
    vault = vault_of(connection.dialect)
    master = vault.masters
    for portion in _portions(connection, 'contacts', ['id', 'known']):
        rows, changes = [], []
        for one, known in portion:
            name, wrapped = master.wrap(new_key(), place('contact_keys', one))
            rows.append({'contact_id': one, 'master': name, 'wrapped': str(wrapped)})
            changes.append((one, {'feels': not short_lived.QUESTIONS.isdisjoint(orjson.loads(known))}))
        _set(connection, 'contacts', changes)
        connection.execute(sa.text('INSERT INTO contact_keys (contact_id, master, wrapped)'
                                   ' VALUES (:contact_id, :master, :wrapped)'), rows)
    for portion in _portions(connection, 'runs', ['id', 'conversation', 'answers']):
        changes = []
        for one, conversation, text in portion:
            answers = orjson.loads(text)
            feels = bool(answers) and (conversation in short_lived.TALKS
                                       or not short_lived.QUESTIONS.isdisjoint(answers))
            changes.append((one, {'feels': feels}))
        _set(connection, 'runs', changes)
    _each(connection, Box.lock)
    for portion in _portions(connection, 'addresses', ['id', 'contact_id', 'address']):
        boxes = _boxes(connection, {contact for _, contact, _ in portion})
        _set(connection, 'addresses', [
            (one, {'sealed': str(boxes[contact].lock(address.encode(), place('addresses.sealed', contact))),
                   'address': vault.hashed(address)}) for one, contact, address in portion])
    for portion in _portions(connection, 'messages', ['id', 'address']):
        _set(connection, 'messages', [(one, {'address': vault.hashed(address)}) for one, address in portion])


def downgrade() -> None:
    connection = op.get_bind()
    take(connection, changed=CHANGED)
    if connection.scalar(sa.text('SELECT count(*) FROM system_keys')):
        _open(connection)
    op.execute("DELETE FROM settings WHERE name = 'keys_of'")
    for table, column in (('addresses', 'sealed'), ('contacts', 'feels'), ('runs', 'feels')):
        op.drop_column(table, column)
    op.drop_table('contact_keys')
    op.drop_table('system_keys')


def _open(connection: sa.Connection) -> None:
    known: dict[str, str] = {}
    for portion in _portions(connection, 'addresses', ['id', 'contact_id', 'address', 'sealed']):
        boxes = _boxes(connection, {contact for _, contact, _, _ in portion})
        plain = {one: boxes[contact].unlock(sealed, place('addresses.sealed', contact)).decode()
                 for one, contact, _, sealed in portion}
        known |= {hashed: plain[one] for one, _, hashed, _ in portion}
        _set(connection, 'addresses', [(one, {'address': address}) for one, address in plain.items()])
    for portion in _portions(connection, 'messages', ['id', 'address']):
        _set(connection, 'messages', [(one, {'address': known.get(hashed, '')}) for one, hashed in portion])
    _each(connection, _opened)


def _opened(box: Box, locked: bytes, where: str) -> str:
    return box.unlock(locked.decode(), where).decode()


def _each(connection: sa.Connection, change) -> None:
    """Change every value that is or was locked."""
    team = vault_of(connection.dialect).team
    for tables, is_people in ((OF_PEOPLE, True), (OF_THE_TEAM, False)):
        for table, (owner, bound, columns) in tables.items():
            key = 'token_hash' if table == 'passes' else 'id'
            for portion in _portions(connection, table, [key, owner, bound or owner, *columns], key):
                boxes = _boxes(connection, {row[1] for row in portion}) if is_people else {}
                changes = []
                for one, of, row, *values in portion:
                    changed = {}
                    for column, value in zip(columns, values, strict=True):
                        name = f'{table}.{column}'
                        if value == '' and name in JSON:
                            changed[column] = '{}'
                        elif value == '{}' and name in JSON:
                            changed[column] = ''
                        elif value:
                            where = place(name, of, row if bound else '')
                            changed[column] = str(change(boxes[of] if is_people else team, value.encode(), where))
                    changes.append((one, changed))
                _set(connection, table, changes, key)


def _boxes(connection: sa.Connection, contacts: set[int]) -> dict[int, Box]:
    from storage.sealed import keys

    return keys.held(connection, contacts)


def _portions(connection: sa.Connection, table: str, columns: list[str], key: str = 'id'):
    last = None
    while True:
        begins = f'WHERE {key} > :last' if last is not None else ''
        rows = connection.execute(sa.text(
            f'SELECT {key}, {", ".join(columns)} FROM {table} {begins} ORDER BY {key} LIMIT {PORTION}'),
            {'last': last} if last is not None else {}).all()
        if rows:
            yield [tuple(row)[1:] for row in rows]
            last = rows[-1][0]
        if len(rows) < PORTION:
            return


def _set(connection: sa.Connection, table: str, changes: list[tuple[object, dict]], key: str = 'id') -> None:
    """Change these rows: those in which the same columns change go together."""
    alike: dict[tuple[str, ...], list[dict]] = {}
    for one, values in changes:
        alike.setdefault(tuple(values), []).append({**values, 'one_row': one})
    for names, rows in alike.items():
        if names:
            assigned = ', '.join(f'{name} = :{name}' for name in names)
            connection.execute(sa.text(f'UPDATE {table} SET {assigned} WHERE {key} = :one_row'), rows)
