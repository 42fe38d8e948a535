"""Answers that are given often, in each language"""

import sqlalchemy as sa
from alembic import op

import storage.tables

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    op.create_table(
        'canned_replies',
        sa.Column('id', ID, nullable=False),
        sa.Column('name', sa.String(40), nullable=False),
        sa.Column('texts', storage.tables.Json(), nullable=False),
        sa.Column('changed_at', storage.tables.Moment(), nullable=False),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('name'),
    )


def downgrade() -> None:
    op.drop_table('canned_replies')
