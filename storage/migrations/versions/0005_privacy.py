"""Discreet writing, minors, what is out of sight; files to take along; what was cleared away, and counts without people"""

import sqlalchemy as sa
from alembic import op

import storage.tables
from storage.migrations.locks import take

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
FORGOTTEN = sa.text('forgotten_at IS NOT NULL')


def upgrade() -> None:
    take(op.get_bind(), changed=['addresses', 'consents', 'contacts'])
    op.add_column('addresses', sa.Column('hidden_to', ID))
    op.add_column('consents', sa.Column('about', sa.String(64)))
    op.add_column('contacts', sa.Column('discreet', storage.tables.Json()))
    op.add_column('contacts', sa.Column('is_minor', sa.Boolean()))
    op.add_column('contacts', sa.Column('forgotten_at', storage.tables.Moment()))
    op.create_index('contacts_forgotten', 'contacts', ['forgotten_at'], sqlite_where=FORGOTTEN,
                    postgresql_where=FORGOTTEN)
    _make_anew(sqlite_autoincrement=True)
    op.execute('UPDATE contacts SET forgotten_at = 0 WHERE last_seen_at IS NULL')
    op.create_table(
        'file_links',
        sa.Column('token_hash', sa.String(64), nullable=False),
        sa.Column('contact_id', ID, nullable=False),
        sa.Column('form', sa.String(8), nullable=False),
        sa.Column('expires_at', storage.tables.Moment(), nullable=False),
        sa.ForeignKeyConstraint(['contact_id'], ['contacts.id'], ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('token_hash'),
    )
    op.create_index('file_links_of', 'file_links', ['contact_id'])
    op.create_table(
        'retention_runs',
        sa.Column('id', ID, nullable=False),
        sa.Column('at', storage.tables.Moment(), nullable=False),
        sa.Column('counts', storage.tables.Json(), nullable=False),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('retention_runs_at', 'retention_runs', ['at'])
    op.create_table(
        'statistics',
        sa.Column('month', sa.String(7), nullable=False),
        sa.Column('what', sa.String(24), nullable=False),
        sa.Column('area', sa.String(24), nullable=False),
        sa.Column('language', sa.String(16), nullable=False),
        sa.Column('count', sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint('month', 'what', 'area', 'language'),
    )


def _make_anew(**options: bool) -> None:
    """Contacts are deleted now: on SQLite, too, none gets the number of one who is gone."""
    if op.get_bind().dialect.name == 'sqlite':
        with op.batch_alter_table('contacts', recreate='always', table_kwargs=options):
            pass


def downgrade() -> None:
    take(op.get_bind(), changed=['addresses', 'consents', 'contacts', 'file_links', 'retention_runs', 'statistics'])
    for table in ('statistics', 'retention_runs', 'file_links'):
        op.drop_table(table)
    op.drop_index('contacts_forgotten', 'contacts')
    _make_anew(sqlite_autoincrement=False)
    for column in ('forgotten_at', 'is_minor', 'discreet'):
        op.drop_column('contacts', column)
    op.drop_column('consents', 'about')
    op.drop_column('addresses', 'hidden_to')
