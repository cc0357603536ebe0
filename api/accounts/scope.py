"""Which part of the grid tree an account may see."""

from collections.abc import Sequence
from dataclasses import dataclass

from api.accounts.roles import Role
from data.scope import Scope
from gis.tree import GridTree


@dataclass(frozen=True, kw_only=True, slots=True)
class Post:
    """A post that is valid now. `grid_code` None is the whole installation."""

    role: str
    grid_code: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Territory:
    """`roots` are the topmost grid codes of the scope, in order; none when it is everything."""

    scope: Scope
    roots: tuple[str, ...]


def territory_of(
    role: Role, *, grid_code: str | None, posts: Sequence[Post], tree: GridTree | None
) -> Territory:
    """The subtree under the grids of the posts and under the account's own `grid_code`.

    Roles that work for the whole installation see it all, and so does a dispatcher's post without a
    grid. Any other post without a grid (an enforcement officer's, say) adds nothing: its holder sees
    the grids named by further posts and what is their own. Codes the tree does not have, as after
    an edition that dropped them, stay in the scope: cases of old editions still carry them.
    """
    if role.sees_everything or any(
        post.grid_code is None and post.role == Role.DISPATCHER for post in posts
    ):
        return Territory(scope=Scope.everything(), roots=())
    named = {post.grid_code for post in posts} | {grid_code}
    codes = frozenset(code for code in named if code is not None)
    if tree is None:
        return Territory(scope=Scope.of(codes), roots=tuple(sorted(codes)))
    known = frozenset(code for code in codes if code in tree)
    inside = {below for code in known for below in tree.subtree([code]) if below != code}
    return Territory(
        scope=Scope.of(codes | tree.subtree(known)), roots=tuple(sorted(codes - inside))
    )
