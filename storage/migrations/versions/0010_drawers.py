"""Drawers: people are found by hashes of what they said; searches that counsellors keep"""

import orjson
import sqlalchemy as sa
from alembic import op

from storage import drawers
from storage.migrations.locks import take
from storage.sealed.box import SealError, place
from storage.sealed.vault import vault_of

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
OPEN = sa.text("state IN ('agreed', 'under_way', 'stuck') AND by IS NOT NULL")
PORTION = 1000
READ = sa.text('SELECT contacts.id, contact_keys.master, contact_keys.wrapped, contacts.known FROM contacts'
               ' JOIN contact_keys ON contact_keys.contact_id = contacts.id'
               " WHERE contacts.id > :after AND contacts.known != '' ORDER BY contacts.id LIMIT :most")


def upgrade() -> None:
    take(op.get_bind(), changed=['plan_steps', 'tickets'])
    op.create_table(
        'drawers',
        sa.Column('word', sa.String(24), nullable=False),
        sa.Column('contact_id', ID, nullable=False),
        sa.ForeignKeyConstraint(['contact_id'], ['contacts.id'], ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('word', 'contact_id'),
    )
    op.create_index('drawers_of', 'drawers', ['contact_id'])
    op.create_table(
        'saved_views',
        sa.Column('id', ID, nullable=False),
        sa.Column('counsellor_id', ID, nullable=False),
        sa.Column('name', sa.String(60), nullable=False),
        sa.Column('wanted', sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(['counsellor_id'], ['counsellors.id'], ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('counsellor_id', 'name'),
        sqlite_autoincrement=True,
    )
    op.create_index('tickets_area', 'tickets', ['area', 'contact_id'])
    op.create_index('plan_steps_open', 'plan_steps', ['contact_id', 'by'], sqlite_where=OPEN, postgresql_where=OPEN)
    _fill()


def _fill() -> None:
    """Everybody who is here goes into their drawers. Who cannot be read goes into none."""
    connection, after = op.get_bind(), 0
    vault = vault_of(connection.dialect)
    while rows := connection.execute(READ, {'after': after, 'most': PORTION}).all():
        after = rows[-1][0]
        people = []
        for key, master, wrapped, locked in rows:
            try:
                plain = vault.box_of(f'{master}.{wrapped}', key, 'contact_keys').unlock(
                    locked, place('contacts.known', key))
            except SealError:
                continue
            people.append((key, orjson.loads(plain)))
        drawers.file(connection, people)


def downgrade() -> None:
    take(op.get_bind(), changed=['drawers', 'plan_steps', 'saved_views', 'tickets'])
    op.drop_index('plan_steps_open', 'plan_steps')
    op.drop_index('tickets_area', 'tickets')
    op.drop_table('saved_views')
    op.drop_table('drawers')
