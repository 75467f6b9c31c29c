"""The yardstick: stock Flask-SocketIO under gunicorn's gevent worker, answering one message with one fixed view."""

import json
import os
from pathlib import Path

from flask import Flask
from flask_socketio import SocketIO

app = Flask(__name__)
socketio = SocketIO(app, async_mode="gevent", cors_allowed_origins="*")
answer = json.loads(Path(os.environ["ECHO_ANSWER"]).read_text("utf-8"))


@app.get("/healthz")
def healthz():
    return "ok\n"


@socketio.on("do")
def do(_message):
    return answer
