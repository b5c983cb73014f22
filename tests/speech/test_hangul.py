import pytest

from speech.hangul import ipa, pronounce


@pytest.mark.parametrize(
    ("spelt", "said"),
    [
        ("담당자에게 있어요", "담당자에게 이써요"),  # liaison
        ("없어요", "업써요"),
        ("읽어 주세요", "일거 주세요"),
        ("문의 사항", "무니 사항"),
        ("감사합니다", "감사함니다"),  # nasals
        ("국물", "궁물"),
        ("못 나가", "몬 나가"),
        ("독립", "동닙"),
        ("대통령", "대통녕"),
        ("앞문", "암문"),
        ("연락", "열락"),  # laterals
        ("일 년", "일 련"),
        ("뚫는", "뚤른"),
        ("학교", "학꾜"),  # tensing
        ("주시겠습니까", "주시겓씀니까"),
        ("읽고", "일꼬"),
        ("앉다", "안따"),
        ("드릴게요", "드릴께요"),
        ("할 수 있습니다", "할 쑤 읻씀니다"),
        ("내일 수리합니다", "내일 수리함니다"),
        ("좋다", "조타"),  # aspiration
        ("많고", "만코"),
        ("못하다", "모타다"),
        ("밝히다", "발키다"),
        ("끊겠습니다", "끈켇씀니다"),
        ("끊어", "끄너"),
        ("좋아요", "조아요"),
        ("괜찮으십니까", "괜차느심니까"),
        ("놓는", "논는"),
        ("싫소", "실쏘"),
        ("같이", "가치"),  # palatalisation
        ("굳이", "구지"),
        ("닫혀", "다처"),
        ("붙여", "부처"),
        ("안녕히 계세요", "안녕히 게세요"),  # vowels
        ("의사의 희망", "의사이 히망"),
        ("값", "갑"),
        ("닭", "닥"),
        ("십육", "심뉵"),
        ("네, 맞습니다.", "네, 맏씀니다."),
    ],
)
def test_respelling(spelt: str, said: str) -> None:
    assert pronounce(spelt) == said


@pytest.mark.parametrize(
    ("spelt", "symbols"),
    [
        ("시", "ɕi"),
        ("쉬다", "ɕwida"),
        ("쓰다", "sɯda"),
        ("고객", "koɡek"),
        ("부부", "pubu"),
        ("전자", "ʨɔnʥa"),
        ("학교", "hakkjo"),
        ("달라", "talla"),
        ("다리", "taɾi"),
        ("의자", "ɰiʥa"),
        ("일 분만", "ill bunman"),
        ("네, 분만", "ne, punman"),
    ],
)
def test_ipa(spelt: str, symbols: str) -> None:
    assert ipa(spelt) == symbols


def test_other_scripts_are_refused() -> None:
    with pytest.raises(ValueError, match="'7' is not Hangul"):
        pronounce("7 번")
