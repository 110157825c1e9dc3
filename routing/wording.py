"""The wording of decisions: what each rule found, and what becomes of a call, in two languages.

A template for each pair of `routing.trace.OUTCOMES`; its fields are the rule's `INPUTS`. Numbers
are shown as they are dialled in Japan.
"""

from collections.abc import Mapping
from enum import StrEnum

from routing.trace import Finding, Rule


class Language(StrEnum):
    """The languages that decisions are told in."""

    JAPANESE = "ja"
    ENGLISH = "en"

    def cause(self, cause: str) -> str:
        """Say why a call is refused."""
        return CAUSES[self][cause]

    def service(self, service: str) -> str:
        """Name a service."""
        return SERVICES[self][service]


class Conclusion(StrEnum):
    """What becomes of a call, as a record keeps it."""

    RING = "ring"
    THEN = "then"
    UNANSWERED = "unanswered"
    WHEN_BUSY = "when_busy"
    WHEN_UNREACHABLE = "when_unreachable"
    SERVE = "serve"
    OUT = "out"
    WITHHELD = "out_withheld"
    EMERGENCY = "out_emergency"
    USE = "use"
    REFUSE = "refuse"


Wording = Mapping[tuple[Rule, Finding], str]

_F = Finding

ENGLISH: Wording = {
    (Rule.EMERGENCY, _F.YES): "{called} is an emergency number: no rule below may hold it back.",
    (Rule.EMERGENCY, _F.NO): "{called} is no emergency number.",
    (Rule.CONTRACT, _F.ACTIVE): "Contract {contract} may make calls.",
    (
        Rule.CONTRACT,
        _F.SUSPENDED,
    ): "Contract {contract} is suspended: only 110, 118 and 119 go out.",
    (Rule.EXTENSION, _F.NO): "Contract {contract} has no extension {called}.",
    (Rule.EXTENSION, _F.RINGS): "{called} is the extension of {device}, which rings.",
    (Rule.EXTENSION, _F.OWN): "{called} is the caller's own extension.",
    (Rule.EXTENSION, _F.BUSY): "{called} is the extension of {device}, which has no call left.",
    (
        Rule.EXTENSION,
        _F.UNREACHABLE,
    ): "{called} is the extension of {device}, which is not registered.",
    (Rule.FEATURE, _F.YES): "{called} is the code for {feature}.",
    (Rule.FEATURE, _F.NO): "{called} is no feature code.",
    (Rule.FEATURE, _F.NOT_SERVED): "{called} is the code for {feature}, which is not served here.",
    (Rule.FEATURE, _F.UNKNOWN): "{called} begins like a feature code, but is none.",
    (Rule.PRESENTATION, _F.SHOWN): "The caller is shown.",
    (Rule.PRESENTATION, _F.SHOWN_BY_PREFIX): "The caller is shown, for 186 was dialled first.",
    (Rule.PRESENTATION, _F.WITHHELD): "The caller is withheld, as the phone asked.",
    (
        Rule.PRESENTATION,
        _F.WITHHELD_BY_PREFIX,
    ): "The caller is withheld, for 184 was dialled first.",
    (Rule.NUMBER, _F.VALID): "The number called is {number}, of kind {kind}.",
    (Rule.NUMBER, _F.MALFORMED): "{called} is not a number.",
    (Rule.NUMBER, _F.UNKNOWN): "{called} is no number that can be called from here.",
    (Rule.CALLER_ID, _F.DIRECT): "{device} presents its direct number {number}.",
    (Rule.CALLER_ID, _F.SETTING): "{device} is set to present {number}.",
    (Rule.CALLER_ID, _F.CHOSEN): "{device} asked to present {number}, which is assigned to it.",
    (Rule.CALLER_ID, _F.NOT_ASSIGNED): (
        "{device} asked to present {asked}, which is not assigned to it; it presents {number}."
    ),
    (Rule.CALLER_ID, _F.NOT_YET): (
        "What {device} would present is not in service yet; it presents {number}."
    ),
    (
        Rule.CALLER_ID,
        _F.FOREIGN,
    ): "{device} asked to present {asked}, which another contract holds.",
    (Rule.ON_NET, _F.ELSEWHERE): "{number} is not a number of this switch.",
    (Rule.ON_NET, _F.HERE): "{number} is a number of contract {contract}: no carrier is needed.",
    (Rule.ON_NET, _F.NOT_YET): "{number} of contract {contract} is not in service here yet.",
    (Rule.ON_NET, _F.OWN): "{number} is the caller's own number.",
    (Rule.BARRING, _F.ALLOWED): "{device} may call numbers of kind {kind}.",
    (Rule.BARRING, _F.BARRED): "{device} may not call numbers of kind {kind}.",
    (Rule.COUNTRY, _F.ALLOWED): "{number} is in {country}, which may be called.",
    (Rule.COUNTRY, _F.BARRED): "{number} is in {country}, which is not on the allowed list.",
    (Rule.COUNTRY, _F.INCOMPLETE): "{number} is too short for {country}.",
    (Rule.COUNTRY, _F.MALFORMED): "{number} has not the form of a number of {country}.",
    (Rule.COUNTRY, _F.UNKNOWN): "{number} begins with no country's code.",
    (Rule.BLOCK, _F.NO): "Nothing keeps {device} from calling out.",
    (Rule.BLOCK, _F.YES): "{device} is kept from calling out: {reason}.",
    (Rule.TRUNKS, _F.CHOSEN): "Carriers, in order: {trunks}.",
    (Rule.TRUNKS, _F.NOT_CONFIGURED): "There is no carrier.",
    (Rule.TRUNKS, _F.NO_ROUTE): "No carrier's route leads to {number} at this time.",
    (Rule.TRUNKS, _F.NOT_CARRIED): "No carrier carries calls from {presented}.",
    (Rule.TRUNKS, _F.UNAVAILABLE): "No carrier takes calls now.",
    (Rule.DID, _F.VALID): "Carrier {trunk} calls {number}.",
    (Rule.DID, _F.MALFORMED): "Carrier {trunk} calls {called}, which is not a number.",
    (Rule.DID, _F.NOT_CARRIED): "Carrier {trunk} calls {number}, which it does not carry.",
    (Rule.LINE, _F.IN_SERVICE): "{number} is in service for contract {contract}.",
    (Rule.LINE, _F.UNKNOWN): "Nobody has {number} here.",
    (Rule.LINE, _F.NOT_YET): "{number} of contract {contract} is not in service yet.",
    (Rule.LINE, _F.SUSPENDED): "Contract {contract} is suspended: {number} takes no calls.",
    (Rule.REJECTION, _F.LISTED): "{caller} is on the rejection list of contract {contract}.",
    (Rule.REJECTION, _F.NOT_LISTED): "The caller is not on the rejection list of {contract}.",
    (Rule.ANONYMITY, _F.SHOWN): "The caller is shown.",
    (Rule.ANONYMITY, _F.WITHHELD): "The caller is withheld, which contract {contract} allows.",
    (Rule.ANONYMITY, _F.WITHHELD_REFUSED): (
        "The caller is withheld, and contract {contract} takes no such calls."
    ),
    (Rule.EXTENSION, _F.HERE): "{called} is the extension of {device}.",
    (Rule.SCREENING, _F.ALLOWED): "{device} does not reject this caller.",
    (Rule.SCREENING, _F.LISTED): "{caller} is on the rejection list of {device}.",
    (
        Rule.SCREENING,
        _F.WITHHELD_REFUSED,
    ): "The caller is withheld, and {device} takes no such calls.",
    (Rule.FORWARD, _F.ALWAYS): "{device} forwards every call to {target}.",
    (Rule.FORWARD, _F.BUSY): "{device} is busy and forwards to {target}.",
    (Rule.FORWARD, _F.NO_ANSWER): "{device} has not answered and forwards to {target}.",
    (Rule.FORWARD, _F.UNREACHABLE): "{device} cannot be reached and forwards to {target}.",
    (Rule.FORWARD, _F.LOOP): "The forward leads back to {device} by {target}.",
    (Rule.FORWARD, _F.TOO_MANY): (
        "{device} would forward to {target}, but the call has been forwarded too often."
    ),
    (Rule.FORWARD, _F.BARRED): (
        "{device} forwards to {target}, an emergency number, to which no call is forwarded."
    ),
    (Rule.DO_NOT_DISTURB, _F.YES): "{device} is not to be disturbed.",
    (Rule.DO_NOT_DISTURB, _F.SILENT): "{device} is not to be disturbed and does not ring.",
    (Rule.CHANNELS, _F.FREE): "{number} has a channel left: {used} of {limit} are taken.",
    (Rule.CHANNELS, _F.FULL): "{number} has no channel left: {used} of {limit} are taken.",
    (Rule.CONTRACT_CALLS, _F.FREE): "Contract {contract} has {used} of {limit} calls in progress.",
    (Rule.CONTRACT_CALLS, _F.FULL): "Contract {contract} has all its {limit} calls in progress.",
    (Rule.DEVICE_CALLS, _F.FREE): "{device} has {used} of {limit} calls in progress.",
    (Rule.DEVICE_CALLS, _F.FULL): "{device} has all its {limit} calls in progress.",
    (Rule.WHEN_FULL, _F.BUSY): "Who finds {number} full hears the busy tone.",
    (Rule.WHEN_FULL, _F.ANNOUNCED): "Who finds {number} full hears the busy announcement.",
    (Rule.FAX, _F.NOT_CONTRACTED): "{number} has no cloud FAX.",
    (Rule.FAX, _F.ONLY): "{number} is for FAX alone: no phone rings.",
    (Rule.FAX, _F.SHARED): "{number} takes FAX and voice: the switch listens before phones ring.",
    (Rule.HOURS, _F.NOT_CONTRACTED): "{number} has no after-hours announcement.",
    (Rule.HOURS, _F.OPEN): "{number} is inside its business hours.",
    (Rule.HOURS, _F.CLOSED): "{number} is outside its business hours: the announcement answers.",
    (Rule.RING_PLAN, _F.DIRECT): "{number} rings its one device.",
    (Rule.RING_PLAN, _F.FIXED_FIRST): (
        "The fixed phones ring alone ({fixed}); the apps ({apps}) only if none of them can answer."
    ),
    (Rule.RING_PLAN, _F.FIXED_ALONE): "The fixed phones ring: {fixed}.",
    (Rule.RING_PLAN, _F.APPS_INSTEAD): (
        "No fixed phone can be reached, so that the apps ring: {apps}."
    ),
    (Rule.RING_PLAN, _F.APPS_ALONE): "No fixed phone is to ring, so that the apps do: {apps}.",
    (Rule.RING_PLAN, _F.ALL_BUSY): "Every device that could ring has no call left.",
    (Rule.RING_PLAN, _F.UNREACHABLE): "No device that is to ring is registered.",
    (Rule.RING_PLAN, _F.NOBODY_RINGS): "No device is to ring for {number}.",
    (Rule.VOICEMAIL, _F.NOT_CONTRACTED): "{number} has no voicemail.",
    (Rule.VOICEMAIL, _F.AFTER_DELAY): "Voicemail answers after {seconds} seconds.",
    (Rule.VOICEMAIL, _F.AT_ONCE): "Voicemail answers at once.",
}

JAPANESE: Wording = {
    (Rule.EMERGENCY, _F.YES): "{called} は緊急通報番号です。以下の規則では一切止められません。",
    (Rule.EMERGENCY, _F.NO): "{called} は緊急通報番号ではありません。",
    (Rule.CONTRACT, _F.ACTIVE): "契約 {contract} は発信できます。",
    (Rule.CONTRACT, _F.SUSPENDED): "契約 {contract} は停止中です。110・118・119 のみ発信できます。",
    (Rule.EXTENSION, _F.NO): "契約 {contract} に内線 {called} はありません。",
    (Rule.EXTENSION, _F.RINGS): "{called} は {device} の内線です。着信させます。",
    (Rule.EXTENSION, _F.OWN): "{called} は発信者自身の内線です。",
    (Rule.EXTENSION, _F.BUSY): "{called} は {device} の内線ですが、通話数の上限に達しています。",
    (
        Rule.EXTENSION,
        _F.UNREACHABLE,
    ): "{called} は {device} の内線ですが、端末が登録されていません。",
    (Rule.FEATURE, _F.YES): "{called} は {feature} の特番です。",
    (Rule.FEATURE, _F.NO): "{called} は特番ではありません。",
    (Rule.FEATURE, _F.NOT_SERVED): "{called} は {feature} の特番ですが、提供していません。",
    (Rule.FEATURE, _F.UNKNOWN): "{called} は特番の形ですが、該当する機能はありません。",
    (Rule.PRESENTATION, _F.SHOWN): "発信者番号を通知します。",
    (Rule.PRESENTATION, _F.SHOWN_BY_PREFIX): "186 が付いているため、発信者番号を通知します。",
    (Rule.PRESENTATION, _F.WITHHELD): "端末の指定により、発信者番号を非通知にします。",
    (Rule.PRESENTATION, _F.WITHHELD_BY_PREFIX): "184 が付いているため、非通知にします。",
    (Rule.NUMBER, _F.VALID): "発信先の番号は {number}(種別 {kind})です。",
    (Rule.NUMBER, _F.MALFORMED): "{called} は電話番号の形ではありません。",
    (Rule.NUMBER, _F.UNKNOWN): "{called} はここから発信できる番号ではありません。",
    (Rule.CALLER_ID, _F.DIRECT): "{device} は直通番号 {number} を通知します。",
    (Rule.CALLER_ID, _F.SETTING): "{device} は設定により {number} を通知します。",
    (Rule.CALLER_ID, _F.CHOSEN): "{device} が指定した {number} は割り当て済みのため通知します。",
    (Rule.CALLER_ID, _F.NOT_ASSIGNED): (
        "{device} が指定した {asked} は割り当てられていないため、{number} を通知します。"
    ),
    (Rule.CALLER_ID, _F.NOT_YET): (
        "{device} が通知すべき番号は利用開始前のため、{number} を通知します。"
    ),
    (Rule.CALLER_ID, _F.FOREIGN): "{device} が指定した {asked} は他の契約の番号です。",
    (Rule.ON_NET, _F.ELSEWHERE): "{number} はこの交換機の番号ではありません。",
    (Rule.ON_NET, _F.HERE): "{number} は契約 {contract} の番号です。事業者回線は使いません。",
    (Rule.ON_NET, _F.NOT_YET): "契約 {contract} の {number} は、まだここで利用を開始していません。",
    (Rule.ON_NET, _F.OWN): "{number} は発信者自身の番号です。",
    (Rule.BARRING, _F.ALLOWED): "{device} は種別 {kind} の番号へ発信できます。",
    (Rule.BARRING, _F.BARRED): "{device} は種別 {kind} の番号への発信が規制されています。",
    (Rule.COUNTRY, _F.ALLOWED): "{number} は {country} の番号で、発信が許可されています。",
    (Rule.COUNTRY, _F.BARRED): "{number} は {country} の番号で、許可された国ではありません。",
    (Rule.COUNTRY, _F.INCOMPLETE): "{number} は {country} の番号として桁が足りません。",
    (Rule.COUNTRY, _F.MALFORMED): "{number} は {country} の番号の形ではありません。",
    (Rule.COUNTRY, _F.UNKNOWN): "{number} はどの国番号でも始まっていません。",
    (Rule.BLOCK, _F.NO): "{device} の発信を止めるものはありません。",
    (Rule.BLOCK, _F.YES): "{device} の発信は止められています({reason})。",
    (Rule.TRUNKS, _F.CHOSEN): "事業者回線の順序: {trunks}。",
    (Rule.TRUNKS, _F.NOT_CONFIGURED): "事業者回線がありません。",
    (Rule.TRUNKS, _F.NO_ROUTE): "現在 {number} へ向かう経路がありません。",
    (Rule.TRUNKS, _F.NOT_CARRIED): "{presented} からの発信を扱う事業者回線がありません。",
    (Rule.TRUNKS, _F.UNAVAILABLE): "現在利用できる事業者回線がありません。",
    (Rule.DID, _F.VALID): "事業者回線 {trunk} から {number} への着信です。",
    (Rule.DID, _F.MALFORMED): "事業者回線 {trunk} からの着信先 {called} は番号の形ではありません。",
    (Rule.DID, _F.NOT_CARRIED): "{number} は事業者回線 {trunk} の扱う番号ではありません。",
    (Rule.LINE, _F.IN_SERVICE): "{number} は契約 {contract} で利用中です。",
    (Rule.LINE, _F.UNKNOWN): "{number} を持つ契約はありません。",
    (Rule.LINE, _F.NOT_YET): "契約 {contract} の {number} はまだ利用を開始していません。",
    (Rule.LINE, _F.SUSPENDED): "契約 {contract} は停止中のため、{number} は着信できません。",
    (Rule.REJECTION, _F.LISTED): "{caller} は契約 {contract} の着信拒否リストにあります。",
    (Rule.REJECTION, _F.NOT_LISTED): "発信者は契約 {contract} の着信拒否リストにありません。",
    (Rule.ANONYMITY, _F.SHOWN): "発信者番号は通知されています。",
    (Rule.ANONYMITY, _F.WITHHELD): "非通知の着信ですが、契約 {contract} は受け付けます。",
    (Rule.ANONYMITY, _F.WITHHELD_REFUSED): "非通知の着信で、契約 {contract} は受け付けません。",
    (Rule.EXTENSION, _F.HERE): "{called} は {device} の内線です。",
    (Rule.SCREENING, _F.ALLOWED): "{device} はこの発信者を拒否していません。",
    (Rule.SCREENING, _F.LISTED): "{caller} は {device} の着信拒否リストにあります。",
    (Rule.SCREENING, _F.WITHHELD_REFUSED): "非通知の着信で、{device} は受け付けません。",
    (Rule.FORWARD, _F.ALWAYS): "{device} はすべての着信を {target} へ転送します。",
    (Rule.FORWARD, _F.BUSY): "{device} は話中のため、{target} へ転送します。",
    (Rule.FORWARD, _F.NO_ANSWER): "{device} が応答しないため、{target} へ転送します。",
    (Rule.FORWARD, _F.UNREACHABLE): "{device} につながらないため、{target} へ転送します。",
    (Rule.FORWARD, _F.LOOP): "転送が {target} で {device} へ戻ります。",
    (Rule.FORWARD, _F.TOO_MANY): (
        "{device} は {target} へ転送する設定ですが、転送の回数が多すぎます。"
    ),
    (Rule.FORWARD, _F.BARRED): (
        "{device} の転送先 {target} は緊急通報番号です。緊急通報番号へは転送しません。"
    ),
    (Rule.DO_NOT_DISTURB, _F.YES): "{device} は着信お断りの設定です。",
    (Rule.DO_NOT_DISTURB, _F.SILENT): "{device} は着信お断りの設定のため、鳴らしません。",
    (Rule.CHANNELS, _F.FREE): "{number} のチャンネルに空きがあります({limit} 中 {used} 使用)。",
    (Rule.CHANNELS, _F.FULL): "{number} のチャンネルはすべて使用中です({limit} 中 {used})。",
    (Rule.CONTRACT_CALLS, _F.FREE): "契約 {contract} の通話は {limit} 中 {used} です。",
    (Rule.CONTRACT_CALLS, _F.FULL): "契約 {contract} の通話は上限 {limit} に達しています。",
    (Rule.DEVICE_CALLS, _F.FREE): "{device} の通話は {limit} 中 {used} です。",
    (Rule.DEVICE_CALLS, _F.FULL): "{device} の通話は上限 {limit} に達しています。",
    (Rule.WHEN_FULL, _F.BUSY): "{number} が満杯のとき、発信者には話中音が流れます。",
    (Rule.WHEN_FULL, _F.ANNOUNCED): "{number} が満杯のとき、話中アナウンスが流れます。",
    (Rule.FAX, _F.NOT_CONTRACTED): "{number} にクラウドFAXの契約はありません。",
    (Rule.FAX, _F.ONLY): "{number} はFAX専用です。電話は鳴りません。",
    (Rule.FAX, _F.SHARED): "{number} はFAXと音声の兼用です。鳴らす前に信号を確かめます。",
    (Rule.HOURS, _F.NOT_CONTRACTED): "{number} に時間外アナウンスの契約はありません。",
    (Rule.HOURS, _F.OPEN): "{number} は営業時間内です。",
    (Rule.HOURS, _F.CLOSED): "{number} は営業時間外です。時間外アナウンスが応答します。",
    (Rule.RING_PLAN, _F.DIRECT): "{number} は対応する1台の端末を鳴らします。",
    (Rule.RING_PLAN, _F.FIXED_FIRST): (
        "固定電話機({fixed})だけを鳴らします。どれも応答できないときに限りアプリ({apps})を鳴らします。"
    ),
    (Rule.RING_PLAN, _F.FIXED_ALONE): "固定電話機を鳴らします: {fixed}。",
    (Rule.RING_PLAN, _F.APPS_INSTEAD): "つながる固定電話機がないため、アプリを鳴らします: {apps}。",
    (Rule.RING_PLAN, _F.APPS_ALONE): "鳴らす固定電話機がないため、アプリを鳴らします: {apps}。",
    (Rule.RING_PLAN, _F.ALL_BUSY): "鳴らせる端末はすべて通話数の上限に達しています。",
    (Rule.RING_PLAN, _F.UNREACHABLE): "鳴らすべき端末がどれも登録されていません。",
    (Rule.RING_PLAN, _F.NOBODY_RINGS): "{number} で鳴らす端末がありません。",
    (Rule.VOICEMAIL, _F.NOT_CONTRACTED): "{number} に留守番電話の契約はありません。",
    (Rule.VOICEMAIL, _F.AFTER_DELAY): "{seconds} 秒後に留守番電話が応答します。",
    (Rule.VOICEMAIL, _F.AT_ONCE): "留守番電話がすぐに応答します。",
}

WORDINGS: Mapping[Language, Wording] = {Language.ENGLISH: ENGLISH, Language.JAPANESE: JAPANESE}

CONCLUSIONS: Mapping[Language, Mapping[Conclusion, str]] = {
    Language.ENGLISH: {
        Conclusion.RING: "So it rings, for up to {seconds} seconds: {devices}.",
        Conclusion.THEN: "When nobody has answered, {service} does.",
        Conclusion.UNANSWERED: "When nobody has answered, the call is forwarded to {target}.",
        Conclusion.WHEN_BUSY: "If the device is busy, the call is forwarded to {target}.",
        Conclusion.WHEN_UNREACHABLE: "If it cannot be reached, the call is forwarded to {target}.",
        Conclusion.SERVE: "So {service} answers for {number}.",
        Conclusion.OUT: "So {number} is called by {trunks}, presenting {presented}.",
        Conclusion.WITHHELD: "So {number} is called by {trunks}, the caller withheld.",
        Conclusion.EMERGENCY: "So {number} is called at once by {trunks}, presenting {presented}.",
        Conclusion.USE: "So the feature {feature} is used.",
        Conclusion.REFUSE: "So the call is refused with {status} {reason}: {cause}.",
    },
    Language.JAPANESE: {
        Conclusion.RING: "結果: 最長 {seconds} 秒、次の端末を鳴らします: {devices}。",
        Conclusion.THEN: "誰も応答しなければ、{service}が応答します。",
        Conclusion.UNANSWERED: "誰も応答しなければ、{target} へ転送します。",
        Conclusion.WHEN_BUSY: "端末が話中であれば、{target} へ転送します。",
        Conclusion.WHEN_UNREACHABLE: "端末につながらなければ、{target} へ転送します。",
        Conclusion.SERVE: "結果: {number} には{service}が応答します。",
        Conclusion.OUT: "結果: {number} へ {trunks} で発信し、{presented} を通知します。",
        Conclusion.WITHHELD: "結果: {number} へ {trunks} で、非通知で発信します。",
        Conclusion.EMERGENCY: (
            "結果: {number} へ直ちに {trunks} で発信し、{presented} を通知します。"
        ),
        Conclusion.USE: "結果: 機能 {feature} を使います。",
        Conclusion.REFUSE: "結果: {cause}ため、{status} {reason} で接続を断ります。",
    },
}

SERVICES: Mapping[Language, Mapping[str, str]] = {
    Language.ENGLISH: {
        "voicemail": "voicemail",
        "after_hours": "the after-hours announcement",
        "fax": "cloud FAX",
        "fax_detection": "the FAX detector",
        "busy_announcement": "the busy announcement",
    },
    Language.JAPANESE: {
        "voicemail": "留守番電話",
        "after_hours": "時間外アナウンス",
        "fax": "クラウドFAX",
        "fax_detection": "FAX判別",
        "busy_announcement": "話中アナウンス",
    },
}

CAUSES: Mapping[Language, Mapping[str, str]] = {
    Language.ENGLISH: {
        "invalid_number": "what was called is not a number",
        "unknown_number": "there is no such number",
        "not_in_service": "the number is not in service yet",
        "suspended": "the contract is suspended",
        "rejected": "the called party rejects this caller",
        "anonymous": "the called party takes no withheld callers",
        "do_not_disturb": "the ID is not to be disturbed",
        "forward_loop": "forwards lead back, or too far",
        "channels_full": "every channel of the number is taken",
        "contract_full": "the contract has all its calls in progress",
        "device_full": "the device has all its calls in progress",
        "busy": "every device is busy",
        "unreachable": "no device can be reached",
        "own_number": "the caller called itself",
        "feature_not_served": "the feature is not served here",
        "foreign_caller": "the caller asked to present another contract's number",
        "barred": "numbers of this kind are barred",
        "country_barred": "the country is barred",
        "blocked": "the caller is blocked from calling out",
        "no_trunk": "there is no carrier",
        "no_route": "no carrier's route leads there",
        "number_not_carried": "no carrier carries the caller's number",
        "trunks_unavailable": "no carrier takes calls now",
    },
    Language.JAPANESE: {
        "invalid_number": "番号の形ではない",
        "unknown_number": "該当する番号がない",
        "not_in_service": "番号の利用開始前である",
        "suspended": "契約が停止中である",
        "rejected": "着信拒否リストにある発信者である",
        "anonymous": "非通知の着信を受け付けない",
        "do_not_disturb": "着信お断りの設定である",
        "forward_loop": "転送が戻る、または多すぎる",
        "channels_full": "チャンネルがすべて使用中である",
        "contract_full": "契約の通話数が上限に達している",
        "device_full": "端末の通話数が上限に達している",
        "busy": "すべての端末が話中である",
        "unreachable": "つながる端末がない",
        "own_number": "自分自身への発信である",
        "feature_not_served": "提供していない機能である",
        "foreign_caller": "他の契約の番号を通知しようとした",
        "barred": "この種別の番号への発信が規制されている",
        "country_barred": "許可されていない国である",
        "blocked": "発信が止められている",
        "no_trunk": "事業者回線がない",
        "no_route": "向かう経路がない",
        "number_not_carried": "発信者番号を扱う事業者回線がない",
        "trunks_unavailable": "利用できる事業者回線がない",
    },
}
