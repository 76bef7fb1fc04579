"""The page of a define.xml in a browser: Chromium, as Debian packs it, without a network."""

import dataclasses
import datetime as dt
import io
import shutil

import pytest

from define_xml import build_define, render_define_html
from define_xml import model as dm

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]
VALUE = "IT.SUPPAE.QVAL.AESI"
INTERACTIVE = 1.5  # seconds of work for a page of 60 datasets of 40 variables


@pytest.fixture(scope="module")
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


@pytest.fixture
def opened(chromium, tmp_path):
    """Open a define as a page; what it asks for and complains of is kept."""
    contexts = []

    def open_page(define, *, width=1280, script=True, at=""):
        path = tmp_path / "define.html"
        path.write_text(render_define_html(define), encoding="utf-8", newline="\n")
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, java_script_enabled=script
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.asked, page.said = [], []
        page.on("request", lambda one: page.asked.append(one.url))
        page.on("console", lambda one: page.said.append(one.text))
        page.on("pageerror", lambda one: page.said.append(str(one)))
        page.on("dialog", lambda one: (page.said.append(one.message), one.dismiss()))
        page.goto(path.as_uri() + at)
        if script:
            page.wait_for_selector("html[data-ready]")
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def define(sdtm, created):
    return build_define(sdtm, created=created, annotated_crf="acrf.pdf")


def shown(page, selector):
    """Ids of what is seen."""
    return [
        one.get_attribute("id") for one in page.query_selector_all(selector) if one.is_visible()
    ]


def top(page, selector):
    return round(page.query_selector(selector).bounding_box()["y"])


def large(datasets=60, variables=40):
    """A define of many datasets, each variable with a codelist, a method and an origin."""
    groups, items, methods, lists = [], [], [], []
    terms = tuple(dm.CodeListItem(coded_value=f"T{n}", decode=f"Term {n}") for n in range(20))
    for number in range(datasets):
        name = f"D{number:02}"
        refs = []
        for at in range(variables):
            oid = f"IT.{name}.V{at:02}"
            items.append(
                dm.ItemDef(
                    oid=oid, name=f"V{at:02}", data_type="text", length=200,
                    description=f"Variable {at} of the dataset", codelist_oid=f"CL.{at}",
                    origins=(dm.Origin(type="Derived", source="Sponsor"),),
                )
            )  # fmt: skip
            methods.append(
                dm.Method(oid=f"MT.{oid}", name=f"Method of {oid}", description="As said. " * 20)
            )
            refs.append(
                dm.ItemRef(
                    item_oid=oid, order_number=at + 1, mandatory=False, method_oid=f"MT.{oid}"
                )
            )
        groups.append(
            dm.ItemGroup(
                oid=f"IG.{name}", name=name, repeating=True, structure="One record per subject",
                description=f"Dataset {number}", item_refs=tuple(refs),
                class_=dm.Class(name="FINDINGS"),
            )
        )  # fmt: skip
    lists = [
        dm.CodeList(oid=f"CL.{at}", name=f"List {at}", data_type="text", items=terms)
        for at in range(variables)
    ]
    return dm.Define(
        file_oid="F", created=dt.datetime(2026, 1, 1, tzinfo=dt.UTC), context="Submission",
        study_oid="S", study_name="Large", study_description="A large study", protocol_name="P",
        oid="M", name="Definitions", define_version="2.1.0", item_groups=tuple(groups),
        items=tuple(items), methods=tuple(methods), codelists=tuple(lists),
    )  # fmt: skip


def test_the_page_asks_for_nothing_and_complains_of_nothing(opened, define):
    page = opened(define)
    assert [url.rsplit("/", 1)[-1] for url in page.asked] == ["define.html"]
    assert page.said == []


def test_search_shows_what_has_all_the_words_and_counts_it(opened, define):
    page = opened(define)
    page.fill("#search", "severity qualifier")
    page.wait_for_selector("#found:not(:empty)")

    assert shown(page, "tr[id^='IT.']") == ["IT.AE.AESEV"]
    assert page.text_content("#found") == "1 found"
    assert shown(page, "section.dataset") == ["IG.AE"]
    assert not page.is_visible("h1")


def test_search_unfolds_the_values_that_it_finds_and_folds_them_again(opened, define):
    page = opened(define)
    page.fill("#search", "special interest")
    page.wait_for_selector("text=1 found")
    assert shown(page, "tr[id^='IT.']") == ["IT.SUPPAE.QVAL", VALUE]

    page.press("#search", "Escape")
    assert page.input_value("#search") == ""
    assert len(shown(page, "tr[id^='IT.']")) == len(define.items) - 2
    assert page.is_visible("h1")


def test_an_anchor_leads_to_its_row_below_the_heads_that_stay(opened, define):
    page = opened(define, at="#IT.AE.AESTDY")
    row = top(page, "[id='IT.AE.AESTDY']")
    head = page.query_selector("[id='IG.AE'] thead th").bounding_box()
    assert head["y"] + head["height"] <= row + 1
    assert row < 400


def test_an_anchor_unfolds_what_hides_its_place(opened, define):
    assert VALUE in shown(opened(define, at=f"#{VALUE}"), "tr[id^='IT.SUPPAE']")
    page = opened(define)
    assert VALUE not in shown(page, "tr[id^='IT.SUPPAE']")
    page.evaluate(f"location.hash = '#{VALUE}'")
    page.wait_for_selector(f"[id='{VALUE}']", state="visible")


def test_a_link_leads_out_of_a_search(opened, define):
    page = opened(define)
    page.fill("#search", "severity qualifier")
    page.wait_for_selector("text=1 found")
    page.click("[id='IT.AE.AESEV'] a[href='#CL.AESEV']")
    page.wait_for_selector("[id='CL.AESEV']", state="visible")
    assert 0 <= top(page, "[id='CL.AESEV'] h3") < 400


def test_the_heads_of_tables_stay_while_one_scrolls(opened, define):
    page = opened(define)
    page.evaluate("document.querySelector(\"[id='IT.AE.AEENDTC']\").scrollIntoView()")
    page.wait_for_timeout(100)
    bar = page.query_selector(".bar").bounding_box()
    assert bar["y"] == 0
    assert top(page, "[id='IG.AE'] thead th") == round(bar["height"])


def test_values_unfold_one_by_one_and_all_together(opened, define):
    page = opened(define)
    page.click("tr.values summary")
    assert VALUE in shown(page, "tr[id^='IT.SUPPAE']")
    page.click("#fold")
    assert page.text_content("#fold") == "Fold all"
    assert page.evaluate("[...document.querySelectorAll('main details')].every((one) => one.open)")
    page.click("#fold")
    assert VALUE not in shown(page, "tr[id^='IT.SUPPAE']")


def test_page_links_open_the_page_of_the_crf_beside_it(opened, define, tmp_path):
    page = opened(define)
    links = page.eval_on_selector_all(
        "[id='IT.AE.AESEV'] td:nth-child(6) a", "all => all.map((one) => one.href)"
    )
    crf = (tmp_path / "acrf.pdf").as_uri()
    assert links == [crf, f"{crf}#page=12", f"{crf}#page=14", f"{crf}#Adverse_Events"]


@pytest.mark.parametrize("width", [1280, 400])
def test_without_script_everything_can_be_read_and_folded(opened, define, width):
    page = opened(define, script=False, width=width)
    assert not page.is_visible("#search")
    assert len(shown(page, "tr[id^='IT.']")) == len(define.items) - 2
    page.click("tr.values summary")
    assert VALUE in shown(page, "tr[id^='IT.SUPPAE']")


@pytest.mark.parametrize("script", [True, False])
def test_values_are_unfolded_on_paper(opened, define, script):
    import pypdfium2

    page = opened(define, script=script)
    assert VALUE not in shown(page, "tr[id^='IT.SUPPAE']")
    document = pypdfium2.PdfDocument(io.BytesIO(page.pdf(format="A4")))
    text = " ".join(" ".join(one.get_textpage().get_text_range().split()) for one in document)
    assert 'QNAM = "AESI"' in text
    assert "study_day(AESTDTC)" in text
    assert "Unfold all" not in text


@pytest.mark.parametrize("width", [1280, 400])
def test_nothing_is_wider_than_the_window(opened, define, width):
    long = dataclasses.replace(
        define,
        items=tuple(
            dataclasses.replace(one, description="Label_without_a_blank_" * 5)
            for one in define.items
        ),
    )
    page = opened(long, width=width)
    page.click("#fold")
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_the_keyboard_reaches_the_definitions_and_the_search(opened, define):
    page = opened(define)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the definitions"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "top"
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search"


def test_text_stands_out_from_what_is_behind_it(opened, adam, created):
    from .test_define_html import DISPLAY

    define = dataclasses.replace(build_define(adam, created=created), displays=(DISPLAY,))
    page = opened(define, at="#IT.ADSL.SEX")
    page.click("#fold")
    assert page.evaluate(CONTRAST) == []


# Colour and background of every text that is seen, where their contrast is below 4.5 (WCAG AA).
CONTRAST = """() => {
  const parts = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = (rgb) => rgb.slice(0, 3).map((part) => part / 255)
    .map((part) => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
  const behind = (node) => {
    for (let up = node; up; up = up.parentElement) {
      const colour = parts(getComputedStyle(up).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const found = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !node.checkVisibility()) continue;
    const [one, other] = [light(parts(getComputedStyle(node).color)), light(behind(node))];
    const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (ratio < 4.5) found.add(node.tagName + "." + node.className + " " + ratio.toFixed(2));
  }
  return [...found];
}"""


def test_a_hostile_define_does_nothing(opened, define):
    bad = (
        "</script><script>window.done = 1; alert(1)</script>"
        "<img src=http://x.invalid/ onerror=alert(2)>"
    )
    hostile = dataclasses.replace(
        define,
        study_name=bad,
        study_description=bad,
        items=tuple(
            dataclasses.replace(one, description=bad, comment_oid="COM.BAD") for one in define.items
        ),
        codelists=tuple(dataclasses.replace(one, name=bad) for one in define.codelists),
        comments=(*define.comments, dm.Comment(oid="COM.BAD", description=bad)),
        leaves=(dm.Leaf(id="LF.acrf", href="javascript:window.done = 2", title=bad),),
    )
    page = opened(hostile)
    page.fill("#search", "script")
    page.wait_for_selector("#found:not(:empty)")

    assert page.evaluate("window.done") is None
    assert page.said == []
    assert [url.rsplit("/", 1)[-1] for url in page.asked] == ["define.html"]
    assert page.text_content("h1") == bad


def test_the_policy_stops_a_script_that_got_in(opened, define, monkeypatch):
    text = render_define_html(define).replace("<main", "<script>window.done = 1</script><main", 1)
    monkeypatch.setitem(globals(), "render_define_html", lambda _define: text)
    page = opened(define)
    assert page.evaluate("window.done") is None
    assert "Content Security Policy" in page.said[0]


def test_a_large_define_is_soon_ready(opened):
    page = opened(large())
    session = page.context.new_cdp_session(page)
    # the time of the thread, not of the clock: other programs have no share in it
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.reload()
    page.wait_for_selector("html[data-ready]")
    metrics = {
        one["name"]: one["value"] for one in session.send("Performance.getMetrics")["metrics"]
    }

    assert page.locator("tr[id^='IT.']").count() == 2400
    assert metrics["TaskDuration"] < INTERACTIVE
