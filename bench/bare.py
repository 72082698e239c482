"""The peer of reads: one bare FastAPI route that answers the bytes of a file."""

import socket
import sys
from pathlib import Path

import uvicorn
from fastapi import FastAPI, Response

from app.supervisor import end_with_parent


def main() -> None:
    """Serves on an inherited socket until it or its parent is stopped."""
    end_with_parent()
    listener, content = socket.socket(fileno=int(sys.argv[1])), Path(sys.argv[2]).read_bytes()
    app = FastAPI()

    @app.get("/")
    async def answer() -> Response:
        return Response(content, media_type="application/json")

    config = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False)
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
