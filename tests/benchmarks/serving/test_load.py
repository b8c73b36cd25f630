"""The client of the load test: what it measures is what came of its requests."""

import asyncio
from contextlib import suppress

from benchmarks.serving.load import Connection, open_loop

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def served(talk, main):
    """Run a client against a server that does what ``talk`` does."""

    async def talk_and_close(reader, writer):
        with suppress(asyncio.IncompleteReadError):
            await talk(reader, writer)
        writer.close()
        await writer.wait_closed()

    async def both():
        server = await asyncio.start_server(talk_and_close, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        try:
            return await main(port)
        finally:
            server.close()
            await asyncio.sleep(0.05)  # until both ends have hung up

    return asyncio.run(both())


async def read_request(reader):
    head = await reader.readuntil(b"\r\n\r\n")
    size = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    return await reader.readexactly(size)


def test_a_connection_that_the_server_closed_in_the_meantime_is_opened_again():
    opened = []

    async def talk(reader, writer):
        opened.append(await read_request(reader))
        writer.write(ANSWER)
        await writer.drain()

    async def main(port):
        connection = Connection("127.0.0.1", port)
        answers = []
        for number in range(3):
            answers.append(await connection.post("/", b"%d" % number))
            await asyncio.sleep(0.05)
        connection.close()
        return answers

    assert served(talk, main) == [("200", b"ok")] * 3
    assert opened == [b"0", b"1", b"2"]


def test_an_answer_that_never_comes_is_an_error_and_a_stall_makes_others_late():
    requests = []

    async def talk(reader, writer):
        while True:
            requests.append(await read_request(reader))
            if len(requests) == 3:
                return
            if len(requests) == 5:
                await asyncio.sleep(0.2)
            writer.write(ANSWER)
            await writer.drain()

    async def main(port):
        place = ("127.0.0.1", port, "/", [b"a"])
        return await open_loop(*place, rate=50, seconds=0.2)

    load = served(talk, main)

    assert load.errors == {"IncompleteReadError": 1}
    assert len(load.milliseconds) == 9
    assert load.percentile(100) >= 200
