"""Codes from a phone, one-time links, sessions that can be listed; an audit that nobody can change"""

import sqlalchemy as sa
from alembic import op

import storage.tables
from storage.migrations.locks import take

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
REFUSES = "the audit is never changed"
GUARDS = {
    'sqlite': [
        f"CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, '{REFUSES}'); END",
        f"CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, '{REFUSES}'); END",
        "CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)"
        f" BEGIN SELECT RAISE(ABORT, '{REFUSES}'); END",
    ],
    'postgresql': [
        "CREATE OR REPLACE FUNCTION audit_refuses() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE insufficient_privilege USING MESSAGE = '{REFUSES}'; END $$",
        "CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON audit"
        " FOR EACH ROW EXECUTE FUNCTION audit_refuses()",
        "CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit"
        " FOR EACH STATEMENT EXECUTE FUNCTION audit_refuses()",
    ],
}
"""SQLite's REPLACE deletes without a trigger (https://www.sqlite.org/lang_conflict.html): hence its third one."""
NO_GUARDS = {
    'sqlite': [f"DROP TRIGGER audit_no_{what}" for what in ('update', 'delete', 'replace')],
    'postgresql': [
        "DROP TRIGGER audit_no_change ON audit", "DROP TRIGGER audit_no_truncate ON audit",
        "DROP FUNCTION audit_refuses()",
    ],
}


def upgrade() -> None:
    take(op.get_bind(), changed=['counsellors', 'sessions', 'audit'])
    op.add_column('counsellors', sa.Column('code_secret', sa.Text()))
    op.add_column('counsellors', sa.Column('code_step', sa.BigInteger()))
    op.add_column('sessions', sa.Column('seen_at', storage.tables.Moment()))
    op.add_column('sessions', sa.Column('browser', sa.String(40)))
    op.create_table(
        'passes',
        sa.Column('token_hash', sa.String(64), nullable=False),
        sa.Column('counsellor_id', ID, nullable=False),
        sa.Column('purpose', sa.String(16), nullable=False),
        sa.Column('secret', sa.Text()),
        sa.Column('tries', sa.Integer(), nullable=False),
        sa.Column('created_at', storage.tables.Moment(), nullable=False),
        sa.Column('expires_at', storage.tables.Moment(), nullable=False),
        sa.ForeignKeyConstraint(['counsellor_id'], ['counsellors.id'], ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('token_hash'),
    )
    op.create_index('passes_of', 'passes', ['counsellor_id', 'purpose'])
    for statement in GUARDS[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    take(op.get_bind(), changed=['counsellors', 'sessions', 'audit'])
    for statement in NO_GUARDS[op.get_bind().dialect.name]:
        op.execute(statement)
    op.drop_table('passes')
    op.drop_column('sessions', 'browser')
    op.drop_column('sessions', 'seen_at')
    op.drop_column('counsellors', 'code_step')
    op.drop_column('counsellors', 'code_secret')
