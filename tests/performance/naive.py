"""What the commit lane is compared with: the handler one would write first. Kept here only, for the benchmark.

Stock flask-sock, one durable insert, one count and one publish per swipe, one send per receiver. It checks no token and
knows no rules, so that it is as fast as this way of writing can be.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections import defaultdict
from typing import Any

import redis
from flask import Flask
from flask_sock import Sock
from pymongo import MongoClient, WriteConcern
from simple_websocket import ConnectionClosed, Server

_CHANNEL = "naive"


def create_app() -> Flask:
    """The naive server, on the databases of MONGODB_URI and REDIS_URL."""
    app = Flask("naive")
    mongo: MongoClient[dict[str, Any]] = MongoClient(os.environ["MONGODB_URI"], maxPoolSize=10)
    swipes = mongo.naive.get_collection("swipes", write_concern=WriteConcern(w="majority", j=True))
    swipes.create_index([("s", 1), ("p", 1), ("o", 1)], unique=True)
    swipes.create_index([("s", 1), ("i", 1), ("d", 1)])
    valkey = redis.Redis.from_url(os.environ["REDIS_URL"])
    rooms: defaultdict[str, set[Server]] = defaultdict(set)
    counts: defaultdict[str, int] = defaultdict(int)

    def hear() -> None:
        channel = valkey.pubsub(ignore_subscribe_messages=True)  # type: ignore[no-untyped-call]
        channel.subscribe(_CHANNEL)
        for message in channel.listen():
            told = json.loads(message["data"])
            for socket in tuple(rooms[told["session"]]):
                try:
                    socket.send(json.dumps(told["frame"]))
                except ConnectionClosed:
                    rooms[told["session"]].discard(socket)

    threading.Thread(target=hear, daemon=True).start()
    sock = Sock(app)

    @sock.route("/api/v1/live")  # type: ignore[untyped-decorator]
    def live(socket: Server) -> None:
        hello = json.loads(socket.receive())
        session, user = hello["session"], hello["user"]
        rooms[session].add(socket)
        socket.send(json.dumps({"type": "welcome", "at": 0, "data": {}}))
        while True:
            operation = json.loads(socket.receive())
            asked = operation["data"]
            entry = {
                "s": session,
                "p": user,
                "o": operation["id"],
                "i": asked["item"],
                "d": asked["direction"],
            }
            swipes.insert_one(entry)
            if asked["direction"] == "right":
                swipes.count_documents({"s": session, "i": asked["item"], "d": "right"})
            counts[user] += 1
            socket.send(json.dumps({"re": operation["id"], "ok": True, "data": {}}))
            told = {"participant_id": user, "swiped": counts[user]}
            frame = {"type": "swiped", "at": int(time.time() * 1000), "data": told}
            valkey.publish(_CHANNEL, json.dumps({"session": session, "frame": frame}))

    return app
