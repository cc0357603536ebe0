"""`python -m api.cli`: the command without its installed script, as `wangge up` starts its simulator."""

from api.cli import main

main()
