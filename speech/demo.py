"""Makes the demo calls of the package: ``python -m speech.demo`` writes ``coach/demo``.

One story in each language: the agent interrupts, promises to be back in a minute and stays away
longer, then says goodbye first and waits for the customer to hang up. Refuses to know the coach.
"""

from pathlib import Path

from speech.build import Line, Pause, Say, build

_FOLDER = Path(__file__).resolve().parent.parent / "coach" / "demo"
# Of 16: the noise of a headset hides the rest, and both calls stay under 2 MB.
_BITS = 11
_HOLD_S = 75.0

_KO = {
    "greeting": "안녕하세요, 고객센터 김민수입니다.",
    "offer": "무엇을 도와드릴까요?",
    "problem": "지난주에 인터넷으로 운동화를 샀는데요, 오늘 받은 상자를 열어 보니까 색깔이 다른 "
    "신발이 들어 있었습니다. 주문서에는 분명히 검은색이라고 적혀 있는데, 흰색이 왔고 크기도 "
    "작아서 신을 수가 없습니다.",
    "interrupts": "주문 번호가 어떻게 되시나요?",
    "apology": "불편을 드려 죄송합니다.",
    "hold": "일 분만 기다려 주시겠습니까?",
    "agrees": "네, 그렇게 하세요.",
    "back": "기다려 주셔서 감사합니다.",
    "solved": "검은색 운동화를 오늘 새로 보냈고, 내일 받으실 수 있습니다.",
    "content": "네, 잘됐네요.",
    "else": "다른 문의 사항은 없으십니까?",
    "no": "아니요, 없습니다.",
    "thanks": "전화 주셔서 감사합니다.",
    "goodbye": "안녕히 계세요.",
    "leaves": "네, 고맙습니다. 안녕히 계세요.",
}
_EN = {
    "greeting": "Thank you for calling Northwind, my name is Dana.",
    "offer": "How can I help you?",
    "problem": "Hi, I bought a pair of running shoes on your website last week, and when the box "
    "came this morning there was a different pair inside. The order says black, size nine, but "
    "these are white, and they are so small that I cannot even get them on.",
    "interrupts": "Do you have the order number at hand?",
    "apology": "I am so sorry about that.",
    "hold": "Could you hold for a minute, please?",
    "agrees": "Yes, that's fine.",
    "back": "Thank you for holding.",
    "solved": "The black pair went out today, and it will reach you tomorrow.",
    "content": "That was quick.",
    "else": "Is there anything else I can help you with?",
    "no": "No, that was all.",
    "thanks": "Thank you for calling.",
    "goodbye": "Goodbye.",
    "leaves": "Thank you, goodbye.",
}


def script(
    lang: str, said: dict[str, str], agent: str, customer: str, cut_in_s: float
) -> list[Say | Line | Pause]:
    """Return the story in one language, told by two voices.

    The agent cuts in ``cut_in_s`` before the customer has told the problem.
    """

    def a(key: str, after: float = 0.5, speed: float = 1.0) -> Say:
        return Say(leg="agent", text=said[key], lang=lang, voice=agent, after=after, speed=speed)

    def c(key: str, after: float = 0.6) -> Say:
        return Say(leg="customer", text=said[key], lang=lang, voice=customer, after=after)

    return [
        Line(signal="ring", at=1.0),
        Line(signal="ring", at=4.0),
        Line(signal="off_hook", by="agent", after=1.2),
        a("greeting", 0.7),
        a("offer", 0.3),
        c("problem"),
        a("interrupts", -cut_in_s),
        a("apology", 0.7),
        a("hold"),
        c("agrees"),
        Line(signal="hold_on", after=0.8),
        Pause(seconds=_HOLD_S),
        Line(signal="hold_off", after=0.0),
        a("back", 0.6),
        a("solved"),
        c("content"),
        a("else"),
        c("no"),
        a("thanks"),
        a("goodbye", 0.4),
        c("leaves", 4.0),
        Line(signal="on_hook", by="far_end", after=0.8),
        Line(signal="on_hook", by="agent", after=1.5),
    ]


def main() -> None:
    """Write both calls."""
    for lang, said, agent, customer, cut_in_s in (  # cut in where the customer makes no pause
        ("en", _EN, "af_heart", "am_michael", 10.4),
        ("ko", _KO, "jf_alpha", "jm_kumo", 6.3),
    ):
        build(script(lang, said, agent, customer, cut_in_s), tail_s=4.0).write(_FOLDER, lang, _BITS)


if __name__ == "__main__":
    main()
