"""Tries what the head of mail.sh promises. Called by `mail.sh check`, with an address of its own for each turn."""

import imaplib, smtplib, ssl, subprocess, sys, time, uuid

script, folder, *ports = sys.argv[1:]
smtp_port, smtps_port, imap_port, imaps_port = map(int, ports)
trust = ssl.create_default_context(cafile=f"{folder}/ca.pem")
turn = uuid.uuid4().hex[:8]
desk = f"desk-{turn}"


def submit(implicit=True, user=desk, password=f"{desk}-secret"):
    if implicit:
        server = smtplib.SMTP_SSL("127.0.0.1", smtps_port, context=trust)
    else:
        server = smtplib.SMTP("localhost", smtp_port)
        server.ehlo()
        assert not server.has_extn("auth"), "a password is asked for in the clear"
        server.starttls(context=trust)
    if user:
        server.login(user, password)
    return server


def send(server, to, body="Hello"):
    return server.sendmail(f"{desk}@desk.example", to, f"Subject: {body[:20]}\r\nTo: {to}\r\n\r\n{body}\r\n")


def read(user, *search, count=1):
    with imaplib.IMAP4_SSL("localhost", imaps_port, ssl_context=trust) as server:
        server.login(user, f"{user}-secret")
        for _ in range(500):
            server.select()
            found = server.search(None, *(f'"{word}"' if " " in word or "@" in word else word for word in search))[1][0].split()
            if len(found) >= count:
                return [server.fetch(number, "BODY.PEEK[]")[1][0][1].decode() for number in found]
            time.sleep(0.02)
    raise AssertionError(f"nothing arrived for {user}: {search}")


def refused(code, attempt):
    try:
        attempt()
    except smtplib.SMTPRecipientsRefused as refusal:
        assert {answer[0] for answer in refusal.recipients.values()} == {code}, refusal
    except smtplib.SMTPResponseException as refusal:
        assert refusal.smtp_code == code, refusal
    else:
        raise AssertionError(f"accepted instead of {code}")


def timed(name, attempt):
    start = time.monotonic()
    attempt()
    print(f"{(time.monotonic() - start) * 1000:6.0f} ms  {name}")


def plus_addressing():
    send(submit(), [f"{desk}+Token.1@desk.example", f"{desk.upper()}@Desk.example"], "to the desk")
    mails = read(desk, "SUBJECT", "to the desk", count=2)
    assert any(f"Envelope-to: {desk}+Token.1@desk.example" in mail for mail in mails), mails


def outside():
    people = [f"o'neil+x.{turn}@one.example", f"desk.{turn}@two.example"]
    send(submit(implicit=False), people, "to the world")
    for person in people:
        assert person in read("world", "HEADER", "Envelope-to", person)[0]


def replies():
    send(submit(user="world", password="world-secret"), f"{desk}+r@desk.example", "from the world")
    read(desk, "SUBJECT", "from the world")


def wrong_passwords():
    for implicit in (True, False):
        refused(535, lambda: submit(implicit, password="guess"))
    for user in (desk, "world"):
        try:
            imaplib.IMAP4_SSL("127.0.0.1", imaps_port, ssl_context=trust).login(user, "guess")
        except imaplib.IMAP4.error as refusal:
            assert "AUTHENTICATIONFAILED" in str(refusal), refusal
        else:
            raise AssertionError("a wrong password is accepted")


def both_mechanisms():
    for mechanism in ("auth_plain", "auth_login"):
        server = submit(user=None)
        server.ehlo()
        server.user, server.password = desk, f"{desk}-secret"
        server.auth(mechanism[5:].upper(), getattr(server, mechanism))


def sizes():
    line = "x" * 74 + "\r\n"
    send(submit(), f"big.{turn}@one.example", line * (35_500_000 // 76))
    assert len(read("world", "HEADER", "Envelope-to", f"big.{turn}")[0]) > 35_000_000
    refused(552, lambda: send(submit(), f"big.{turn}@one.example", line * (37_000_000 // 76)))
    server = submit()
    server.esmtp_features.pop("size")  # Without the size said in advance.
    server.does_esmtp = False
    refused(552, lambda: send(server, f"big.{turn}@one.example", line * (37_000_000 // 76)))


def imap_abilities():
    with imaplib.IMAP4("localhost", imap_port) as server:
        server.starttls(trust)
        server.login(desk, f"{desk}-secret")
        able = server.capability()[1][0].decode().split()
        assert {"IDLE", "UIDPLUS", "MOVE", "CONDSTORE"} <= set(able), able
        server.select()
        server.send(b"x IDLE\r\n")
        while not server.readline().startswith(b"+"):
            pass
        send(submit(), f"{desk}@desk.example", "while idle")
        while b"EXISTS" not in server.readline():
            pass
        server.send(b"DONE\r\n")
        while not server.readline().startswith(b"x OK"):
            pass


def pause():
    control = lambda verb: subprocess.run([script, verb, folder], check=True)
    kept = submit()
    control("pause-smtp")
    for attempt in (submit, lambda: kept.noop()[0] == 421 or kept.noop()):
        try:
            assert attempt() is True, "SMTP is still there"
        except (ConnectionError, smtplib.SMTPServerDisconnected):
            pass
    read(desk, "ALL")
    control("resume-smtp")
    send(submit(), f"{desk}@desk.example", "after a pause")
    read(desk, "SUBJECT", "after a pause")


timed("plus addresses, and whatever case", plus_addressing)
timed("STARTTLS; the world has every other address", outside)
timed("the world answers", replies)
timed("PLAIN and LOGIN", both_mechanisms)
timed("a wrong password is refused", wrong_passwords)
timed("who did not log in is refused", lambda: refused(530, lambda: send(submit(user=None), "x@one.example")))
timed("refused.example is refused", lambda: refused(550, lambda: send(submit(), "nobody@refused.example")))
timed("above 36 MB is refused", sizes)
timed("STARTTLS, IDLE, UIDPLUS, MOVE, CONDSTORE", imap_abilities)
timed("SMTP goes away and comes back", pause)
