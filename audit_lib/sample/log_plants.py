"""Log plants: the rows of the usage logs that break a promise, or only just keep it."""

import base64
import hashlib
from dataclasses import replace
from urllib.parse import quote

from audit_lib.sample import canaries, contacts, directory
from audit_lib.sample.companies import ACTIVE
from audit_lib.sample.expected import (
    CLEAN,
    COUNTRY_ALONE,
    DIRECT,
    FULL_IP,
    GROUPS,
    INFERENCE,
    LINK,
    LOG_FIELDS,
    PERSIST,
    Expected,
    Row,
    fail,
    just,
    outside,
    review,
    unsure,
)

# Twenty actions: the three first kinds are 85 % of them, so that a class of these three alone stays close
# to the whole.
ACTIONS = (
    "session.join",
    "call.start",
    "call.end",
    "session.join",
    "call.start",
    "call.end",
    "session.join",
    "call.start",
    "call.end",
    "session.join",
    "call.start",
    "call.end",
    "session.join",
    "photo.take",
    "session.join",
    "call.start",
    "call.end",
    "session.join",
    "document.share",
    "message.send",
)
BLANKED = "0.0.0.0"  # noqa: S104 - an address that a tool has blanked
USUAL = ("session.join", "call.start", "call.end")

JUDGED = (FULL_IP, DIRECT, LINK, PERSIST, GROUPS, INFERENCE, LOG_FIELDS)

NO_ID = unsure("id_missing", "ni identifiant ni effectif", "neither an id nor a count")
COUNTED = outside("agrégat : aucune action à deviner", "aggregate: no action to infer")
NO_ACTION = unsure("value_missing", "sans action", "no action")
_NO_ID = {"link": NO_ID, "persist": NO_ID, "groups": NO_ID}
ALONE = fail(
    "class_too_small",
    "pays ou domaine absent : un individu seul",
    "no country or domain: an individual alone",
)
ALONE_VALUE = fail("l_too_low", "classe d’une seule action", "class with a single action")


def random_id(text: str) -> str:
    """An id that nobody can link: the digest of a text that no reference holds."""
    return hashlib.md5(f"a key thrown away: {text}".encode(), usedforsecurity=False).hexdigest()


def entry(number: int, at: str, **columns: str) -> Row:
    """A log row like the clean ones: class, id and action of its own."""
    company = ACTIVE[number % len(ACTIVE)]
    values = {
        "event_id": f"P-{number:05d}",
        "at": at,
        "ip": "193.0.6.0" if number % 2 else "",
        "action": ACTIONS[number * 7 % len(ACTIONS)],
        "anonymous_id": random_id(f"plant {number}"),
        "country": company.countries[number // 8 % 3],
        "customer_domain": company.domain,
    }
    return Row(values | columns, dict.fromkeys(JUDGED, CLEAN))


def but(row: Row, **verdicts: Expected) -> Row:
    """The same row with some verdicts changed, by the names of `_NAMES`."""
    return replace(row, judged=row.judged | {_NAMES[name]: verdict for name, verdict in verdicts.items()})


_NAMES = {
    "ip": FULL_IP,
    "direct": DIRECT,
    "link": LINK,
    "persist": PERSIST,
    "groups": GROUPS,
    "inference": INFERENCE,
    "fields": LOG_FIELDS,
    "country_alone": COUNTRY_ALONE,
}


def september() -> list[Row]:
    """Identifiers in the text of the actions, and columns that nobody declared."""
    user = [row.values for row in directory.ldif_users()][5]
    mail, phone, login = user["email"], user["phone"], user["login"]
    name = f"{user['first_name']} {user['last_name']}"
    found_mail = fail("email_found", "adresse e-mail dans l’action", "e-mail address in the action")
    encoded_mail = fail("email_found", "adresse e-mail encodée dans l’action", "encoded e-mail address in the action")
    found_phone = fail("phone_found", "numéro de téléphone dans l’action", "phone number in the action")
    known = fail("known_user_found", "utilisateur connu dans l’action", "known user in the action")
    machine = fail("mac_found", "adresse MAC dans l’action", "MAC address in the action")
    imei = fail("imei_found", "IMEI dans l’action", "IMEI in the action")
    no_imei = just("15 chiffres à clé fausse : pas un IMEI", "15 digits with a wrong check digit: no IMEI")
    undeclared = fail("undeclared_column", "colonne non déclarée, remplie", "undeclared column, filled in")
    base = base64.b64encode(mail.encode()).decode()
    texts = [
        (f"invite {mail}", found_mail),
        (f"invite {mail.upper()}", found_mail),
        ("invite inconnue.personne@ailleurs.example", found_mail),
        (f"GET /join?user={quote(mail, safe='')}", encoded_mail),
        (f"token {base}", encoded_mail),
        (f'{{"event":"call.start","by":"{mail}"}}', found_mail),
        (f"dial {phone}", found_phone),
        (f"dial 0{phone[4:].replace(' ', '')}", found_phone),
        (f"dial {quote(phone.replace(' ', ''), safe='')}", found_phone),
        (f"login {login}", known),
        (f"assigned to {name}", known),
        (f"open profile {user['user_id']}", known),
        ("pair 3c:5a:b4:0d:9e:21", machine),
        ("pair 3C-5A-B4-0D-9E-22", machine),
        ("register 490154203237518", imei),
        ("export 490154203237519", no_imei),
    ]
    rows = [
        but(
            entry(100 + n, f"2026-09-{1 + n % 26:02d}T09:15:00Z", action=text),
            direct=verdict,
            fields=CLEAN if n else just("colonnes non déclarées laissées vides", "undeclared columns left blank"),
        )
        for n, (text, verdict) in enumerate(texts)
    ]
    for n in range(4):
        row = entry(130 + n, f"2026-09-{5 + n:02d}T13:40:00Z")
        serial = canaries.LOG_EXTRA if n == 0 else f"XE-{4100 + n}-K"
        rows.append(but(replace(row, extra={"device_serial": serial}), fields=undeclared))
    for n in range(2):
        row = entry(140 + n, f"2026-09-{12 + n:02d}T13:40:00Z")
        rows.append(but(replace(row, extra={"room_name": f"{canaries.LOG_ROOM} {n}"}), fields=undeclared))
    canary = entry(150, "2026-09-21T10:00:00Z", action=f"open {canaries.ACTION}", anonymous_id=canaries.ANONYMOUS_ID)
    return [*rows, replace(canary, values=canary.values | {"event_id": canaries.EVENT_ID})]


def october() -> list[Row]:
    """Addresses, ids that link or last, classes too small or too uniform, missing pieces."""
    return [*_addresses(), *_linked(), *_lasting(), *_missing(), *_classes()]


def _addresses() -> list[Row]:
    full = fail("full_ip", "adresse IP publique complète", "full public IP address")
    text = fail("full_ip_in_text", "adresse IP complète dans l’action", "full IP address in the action")
    columns = [
        ("8.8.8.8", "", full),
        ("9.9.9.9", "", full),
        ("193.0.6.139", "", full),
        ("2001:4860:4860::8888", "", full),
        ("2620:fe::fe", "", full),
        ("::ffff:8.8.4.4", "", fail("full_ip", "IPv4 dans une IPv6", "IPv4 mapped in IPv6")),
        (
            "1.1.1.1:55008",
            "",
            fail("full_ip", "adresse complète suivie d’un port", "full address with a port"),
        ),
        ("2001:4860:4860:1::", "", fail("full_ip", "IPv6 tronquée à /64 seulement", "IPv6 cut at /64 only")),
        ("2001:4860:4860::", "", just("IPv6 tronquée à /48", "IPv6 cut at /48")),
        ("192.168.1.10", "", just("adresse privée", "private address")),
        (BLANKED, "", just("adresse effacée", "blanked address")),
        (
            random_id("an address that nobody has"),
            "",
            review("ip_digest", "empreinte à la place de l’adresse", "digest in place of the address"),
        ),
        (canaries.ADDRESS, "", unsure("ip_unreadable", "ni adresse ni vide", "neither an address nor blank")),
        ("", "GET /join?client=8.8.4.4", text),
        ("", "peer 2606:4700:4700::1111", text),
        ("193.0.6.0", "relay 1.0.0.1", text),
        ("", "relay 10.4.2.1", just("adresse privée dans l’action", "private address in the action")),
    ]
    rows = []
    for n, (address, action, verdict) in enumerate(columns):
        row = entry(200 + n, f"2026-10-{1 + n:02d}T11:05:00Z", ip=address)
        rows.append(but(replace(row, values=row.values | ({"action": action} if action else {})), ip=verdict))
    return rows


def _digest(kind: str, text: str) -> str:
    return hashlib.new(kind, text.encode(), usedforsecurity=False).hexdigest()


def _linked() -> list[Row]:
    users = [row.values for row in directory.ldif_users()]
    table = [row.values for row in directory.table_users(0)]
    contact = [row.values for row in contacts.french_contacts(0)][-1]
    identifier = fail(
        "id_is_known_identifier",
        "l’identifiant est celui d’une personne connue",
        "the id is that of a known person",
    )
    by_mail = fail("hash_of_known_email", "empreinte d’une adresse connue", "digest of a known e-mail address")
    by_login = fail("hash_of_known_login", "empreinte d’un identifiant de connexion connu", "digest of a known login")
    by_name = fail("hash_of_known_name", "empreinte d’un nom connu", "digest of a known name")
    by_number = fail("hash_of_known_id", "empreinte d’un numéro connu", "digest of a known number")
    name = f"{table[9]['first_name']} {table[9]['last_name']}"
    by_phone = fail("hash_of_known_phone", "empreinte d’un téléphone connu", "digest of a known phone number")
    mail_shown = fail("email_found", "adresse e-mail en guise d’identifiant", "e-mail address used as the id")
    user_shown = fail("known_user_found", "utilisateur connu en guise d’identifiant", "known user used as the id")
    known = [
        (users[6]["login"], identifier, user_shown),
        (users[7]["email"], identifier, mail_shown),
        (table[4]["user_id"], identifier, user_shown),
        (directory.residue_id(5), identifier, CLEAN),
        (_digest("md5", users[8]["email"]), by_mail, CLEAN),
        (_digest("md5", users[9]["email"]).upper(), by_mail, CLEAN),
        (_digest("sha1", users[10]["email"]), by_mail, CLEAN),
        (_digest("sha256", users[11]["email"]), by_mail, CLEAN),
        (_digest("sha256", table[5]["email"])[:16], by_mail, CLEAN),
        (_digest("md5", contact["email"]), by_mail, CLEAN),
        (_digest("md5", users[12]["login"]), by_login, CLEAN),
        (_digest("sha1", table[6]["login"]).upper(), by_login, CLEAN),
        (_digest("sha256", table[7]["login"])[:16], by_login, CLEAN),
        (_digest("sha256", users[13]["phone"].replace(" ", "")), by_phone, CLEAN),
        (_digest("md5", table[8]["phone"].replace(" ", "")), by_phone, CLEAN),
        (
            random_id("sixteen")[:16],
            just("seize chiffres hexadécimaux au hasard", "sixteen random hexadecimal digits"),
            CLEAN,
        ),
        (_digest("md5", name), by_name, CLEAN),
        (_digest("sha1", table[10]["user_id"]), by_number, CLEAN),
        (_digest("sha256", table[11]["email"])[:12], by_mail, CLEAN),
    ]
    rows = [
        but(entry(300 + n, f"2026-10-{2 + n:02d}T14:20:00Z", anonymous_id=value), link=link, direct=direct)
        for n, (value, link, direct) in enumerate(known)
    ]
    twice = _digest("md5", users[14]["email"])
    lasts = fail("persistent_id", "même identifiant sur deux jours", "same id on two days")
    days = ("2026-10-06T08:00:00Z", "2026-10-07T08:00:00Z")
    both = [entry(330 + n, day, anonymous_id=twice) for n, day in enumerate(days)]
    return [*rows, *(but(row, link=by_mail, persist=lasts) for row in both)]


def _lasting() -> list[Row]:
    two = fail("persistent_id", "même identifiant sur deux jours", "same id on two days")
    three = fail("persistent_id", "même identifiant sur trois jours", "same id on three days")
    midnight = fail("persistent_id", "de part et d’autre de minuit à Paris", "on both sides of midnight in Paris")
    same_day = just("deux dates UTC, un seul jour à Paris", "two UTC dates, one day in Paris")
    changing = just("jour du passage à l’heure d’hiver", "day on which summer time ends")
    series = [
        (two, ("2026-10-08T08:00:00Z", "2026-10-09T08:00:00Z")),
        (two, ("2026-10-12T08:00:00Z", "2026-10-12T09:00:00Z", "2026-10-20T09:00:00Z")),
        (three, ("2026-10-13T08:00:00Z", "2026-10-14T08:00:00Z", "2026-10-15T08:00:00Z")),
        (midnight, ("2026-10-10T21:30:00Z", "2026-10-10T22:30:00Z")),
        (same_day, ("2026-10-16T22:30:00Z", "2026-10-17T21:30:00Z")),
        (changing, ("2026-10-24T22:30:00Z", "2026-10-25T22:30:00Z")),
    ]
    rows = []
    for n, (verdict, instants) in enumerate(series):
        rows += [but(entry(400 + n, at, event_id=f"P-004{n}{i}"), persist=verdict) for i, at in enumerate(instants)]
    return rows


def _missing() -> list[Row]:
    no_clock = unsure("clock_missing", "sans horodatage", "no timestamp")
    future = unsure("clock_in_future", "horodatage postérieur à l’export", "timestamp later than the export")
    day = "2026-10-19T10:00:00Z"
    blank = [entry(500 + n, day, anonymous_id="") for n in range(3)]
    return [
        *(but(row, **_NO_ID) for row in blank),
        *(but(entry(510 + n, day, action=""), inference=NO_ACTION) for n in range(2)),
        but(entry(520, ""), persist=no_clock, country_alone=no_clock),
        but(entry(521, "1970-01-01T00:00:00Z"), persist=no_clock, country_alone=no_clock),
        but(entry(522, "2026-11-01T09:00:00Z"), persist=future, country_alone=future),
        but(entry(523, "2027-01-15T09:00:00Z"), persist=future, country_alone=future),
        but(entry(524, day, country=""), groups=ALONE, inference=ALONE_VALUE),
        but(entry(525, day, country="*"), groups=ALONE, inference=ALONE_VALUE),
        but(entry(526, day, country=canaries.LOG_COUNTRY), groups=ALONE, inference=ALONE_VALUE),
    ]


def _classes() -> list[Row]:
    """Whole classes, each a domain of its own: too small, just large enough, too uniform, too skewed."""
    tiny = fail("class_too_small", "classe de 5 individus", "class of 5 individuals")
    ten = fail("class_too_small", "classe de 10 individus", "class of 10 individuals")
    eleven = just("classe de 11 individus", "class of 11 individuals")
    single = fail("l_too_low", "une seule action dans la classe", "one action in the class")
    pair = fail("l_too_low", "deux actions dans la classe", "two actions in the class")
    three = just(
        "trois actions dans la classe, réparties comme ailleurs",
        "three actions in the class, spread as elsewhere",
    )
    skewed = fail("t_too_high", "répartition des actions loin de l’ensemble", "actions spread far from the whole")
    return [
        *_class("quatre-vents.example", "FR", 5, 4, ACTIONS, groups=tiny),
        *_class("dixmude.example", "BE", 10, 4, ACTIONS, groups=ten),
        *_class("onzain.example", "FR", 11, 4, ACTIONS, groups=eleven),
        *_class("monocorde.example", "PT", 11, 2, ("session.join",), inference=single),
        *_class("bicorne.example", "IT", 12, 2, USUAL[:2], inference=pair),
        *_class("tricorne.example", "ES", 14, 2, _three_actions(), inference=three),
        *_class(
            "penchant.example",
            "DE",
            12,
            2,
            (
                "document.share",
                "document.share",
                "document.share",
                "call.end",
                "document.share",
                "photo.take",
            ),
            inference=skewed,
        ),
    ]


def _three_actions() -> tuple[str, ...]:
    return (
        "session.join",
        "call.start",
        "call.end",
        "session.join",
        "call.start",
        "call.end",
        "session.join",
    )


def _class(
    domain: str, country: str, people: int, rows: int, actions: tuple[str, ...], **verdict: Expected
) -> list[Row]:
    found = []
    for person in range(people):
        for n in range(rows):
            number = person * rows + n
            row = entry(
                number,
                f"2026-10-{3 + person % 25:02d}T{8 + n:02d}:25:00Z",
                event_id=f"{domain[:4].upper()}-{number:03d}",
                action=actions[number % len(actions)],
                anonymous_id=random_id(f"{domain} {person}"),
                country=country,
                customer_domain=domain,
            )
            found.append(but(row, **verdict))
    return found


def old() -> list[Row]:
    """Rows of 2024, around the two years after which a country alone may stay."""
    detailed = fail("not_aggregated", "détail conservé au-delà de 2 ans", "detail kept beyond 2 years")
    last = fail("not_aggregated", "23 h 59 à Paris, un jour de trop", "23:59 in Paris, one day too many")
    first = outside(
        "minuit à Paris : 2 ans jour pour jour, pas encore échu",
        "midnight in Paris: 2 years to the day, not due yet",
    )
    rows = [
        but(entry(600, "2024-10-31T12:00:00Z"), country_alone=detailed),
        but(entry(601, "2024-10-31T22:59:59Z"), country_alone=last),
        but(entry(602, "2024-10-31T23:00:00Z"), country_alone=first),
        but(entry(603, "2024-11-01T08:00:00Z"), country_alone=first),
        *(
            but(
                entry(610 + n, f"2024-0{1 + n}-29T08:00:00Z" if n != 1 else "2024-02-29T08:00:00Z"),
                country_alone=detailed,
            )
            for n in range(4)
        ),
    ]
    kept = {"action": "", "anonymous_id": "", "customer_domain": "", "ip": "", "country": "FR", "count": "40"}
    no_domain = {"inference": COUNTED}
    return [
        *rows,
        but(
            entry(620, "", **kept | {"month": "2024-03", "ip": "193.0.6.0"}),
            country_alone=fail("not_aggregated", "adresse tronquée conservée", "truncated address kept"),
            **no_domain,
        ),
        but(
            entry(621, "", **kept | {"month": "2024-03", "ip": BLANKED}),
            country_alone=just("adresse effacée", "blanked address"),
            **no_domain,
        ),
        but(
            entry(622, "", **kept | {"month": "2024-04", "customer_domain": "armor-optique.example"}),
            country_alone=fail("not_aggregated", "domaine du client conservé", "customer domain kept"),
            **no_domain,
        ),
        but(
            entry(623, "2024-05-14T08:00:00Z", **kept),
            country_alone=fail("not_aggregated", "horodatage exact conservé", "exact timestamp kept"),
            **no_domain,
        ),
    ]


def aggregates() -> list[Row]:
    """Country, month and count of what is older than two years; the key is the row number."""
    countries = ("FR", "DE", "ES", "IT", "BE", "NL")
    months = [f"{year}-{month:02d}" for year in (2023, 2024) for month in range(1, 13) if (year, month) < (2024, 11)]
    rows = [
        _aggregate(country, month, 40 + (m * 17 + c * 29) % 300, CLEAN)
        for m, month in enumerate(months)
        for c, country in enumerate(countries)
    ]
    small = fail("class_too_small", "effectif inférieur à 11", "fewer than 11 individuals")
    cell = review("small_cell", "effectif inférieur à 11", "count under 11")
    eleven = just("effectif de 11", "count of 11")
    recent = outside("mois de novembre 2024 : pas encore échu", "November 2024: not due yet")
    return [
        *rows,
        but(_aggregate("PT", "2024-02", 11, eleven), groups=eleven),
        but(_aggregate("PT", "2024-03", 10, cell), groups=small),
        but(_aggregate("IE", "2023-07", 3, cell), groups=small),
        _aggregate(
            "PT",
            "2024-10",
            25,
            just("octobre 2024 : tout le mois est échu", "October 2024: the whole month is due"),
        ),
        _aggregate("PT", "2024-11", 25, recent),
    ]


def _aggregate(country: str, month: str, count: int, alone: Expected) -> Row:
    values = {"country": country, "month": month, "count": str(count)}
    return but(Row(values, dict.fromkeys(JUDGED, CLEAN)), inference=COUNTED, country_alone=alone)


def access_lines() -> list[tuple[str, Row]]:
    """Lines of a web server's log, where full addresses are the rule: `.0` proves no mask there."""
    full = fail("full_ip", "adresse complète du journal d’accès", "full address in the access log")
    zero = fail("full_ip", "finit par .0 dans un fichier sans masquage", "ends in .0 in a file that masks nothing")
    extra = fail(
        "undeclared_column",
        "statut, taille, référent ou agent, non déclarés",
        "status, size, referrer or agent, undeclared",
    )
    login = [row.values for row in directory.ldif_users()][15]["login"]
    known = fail("id_is_known_identifier", "identifiant de connexion dans le journal", "login in the access log")
    shown = fail("known_user_found", "identifiant de connexion dans le journal", "login in the access log")
    mail = fail("email_found", "adresse e-mail encodée dans la requête", "encoded e-mail address in the request")
    lines = [
        ("8.8.8.8", "-", "GET /support/guide.pdf HTTP/1.1", full),
        ("9.9.9.10", "-", "GET /tarifs HTTP/1.1", full),
        ("1.1.1.1", "-", "POST /contact HTTP/1.1", full),
        ("1.0.0.0", "-", "GET /robots.txt HTTP/1.1", zero),
        ("193.0.14.129", "-", f"GET /{canaries.REQUEST} HTTP/1.1", full),
        ("198.41.0.4", login, "GET /espace-client HTTP/1.1", full),
        ("2001:500:2::c", "-", "GET /favicon.ico HTTP/1.1", full),
        (
            "192.0.32.8",
            "-",
            f"GET /invite?to={quote('inconnue.personne@ailleurs.example', safe='')} HTTP/1.1",
            full,
        ),
        ("10.0.0.7", "-", "GET /health HTTP/1.1", just("adresse privée", "private address")),
        ("199.7.83.42", canaries.LOG_USER, "GET /espace-client/aide HTTP/1.1", full),
    ]
    found = []
    for n, (address, user, request, verdict) in enumerate(lines):
        at = f"{5 + n:02d}/Oct/2026:09:{10 + n}:00 +0200"
        referrer = f"https://{canaries.REFERRER.lower()}.example/" if n == 4 else "-"
        agent = f"Mozilla/5.0 ({canaries.USER_AGENT})" if n == 4 else "Mozilla/5.0 (X11; Linux x86_64)"
        text = f'{address} - {user} [{at}] "{request}" 200 {1400 + n * 37} "{referrer}" "{agent}"'
        values = {"ip": address, "anonymous_id": "" if user == "-" else user, "action": request}
        row = but(Row(values, dict.fromkeys(JUDGED, CLEAN)), ip=verdict, fields=extra, inference=ALONE_VALUE)
        row = but(row, groups=ALONE) if values["anonymous_id"] else but(row, **_NO_ID)
        if user == login:
            row = but(row, link=known, direct=shown)
        if "invite" in request:
            row = but(row, direct=mail)
        found.append((text, row))
    return found
