"""A reviewer's guide as one page that needs nothing else."""

import jinja2

from cdisc.guides.model import TO_WRITE, Guide, Table, ToWrite

_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ guide.study }}: {{ guide.title }}</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; color: #1b1f24; max-width: 60rem; margin: 2rem auto;
  padding: 0 1rem; }
nav ol { list-style: none; padding-left: 0; }
nav .level2 { padding-left: 1.5rem; }
nav .level3 { padding-left: 3rem; }
table { border-collapse: collapse; width: 100%; font-size: 0.875rem; }
.wide { overflow-x: auto; margin: 1rem 0; }
caption { text-align: left; font-weight: 600; padding: 0.25rem 0; }
th, td { border: 1px solid #8c959f; padding: 0.25rem 0.5rem; text-align: left;
  vertical-align: top; }
td { overflow-wrap: anywhere; min-width: 4rem; }
th { background: #eaeef2; }
.write { background: #fff3b0; border-left: 4px solid #9a6700; padding: 0.25rem 0.75rem; }
td.write { border-left: 4px solid #9a6700; }
@media print { nav { break-after: page; } h2, h3, h4 { break-after: avoid; }
  tr { break-inside: avoid; } }
</style>
</head>
<body>
<header>
<h1>{{ guide.title }}</h1>
<p>Study {{ guide.study }}. Headings after the {{ guide.template }}.</p>
<p>{{ count }} {{ "thing is" if count == 1 else "things are" }} to be written.</p>
</header>
<nav aria-label="Contents"><h2>Contents</h2><ol>
{%- for one in guide.sections %}
<li class="level{{ one.level }}"><a href="#s{{ loop.index }}">{{ shown(one) }}</a></li>
{%- endfor %}
</ol></nav>
<main>
{%- for one in guide.sections %}
{%- set tag = "h" ~ (one.level + 1) %}
<{{ tag }} id="s{{ loop.index }}">{{ shown(one) }}</{{ tag }}>
{%- for part in one.parts %}
{%- if is_table(part) %}
<div class="wide"><table><caption>{{ part.caption }}</caption>
<thead><tr>
{%- for column in part.columns %}<th scope="col">{{ column }}</th>{% endfor -%}
</tr></thead>
<tbody>
{%- for row in part.rows %}
<tr>
{%- for cell in row %}<td{% if cell.startswith(mark) %} class="write"{% endif %}>{{ cell }}</td>
{%- endfor -%}
</tr>
{%- endfor %}
</tbody></table></div>
{%- elif is_asked(part) %}
<p class="write">{{ part.shown }}</p>
{%- else %}
<p>{{ part.text }}</p>
{%- endif %}
{%- endfor %}
{%- endfor %}
</main>
</body>
</html>
"""


def render_guide_html(guide: Guide) -> str:
    """Return the page; it works from a file, without scripts and without a network."""
    template = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined).from_string(
        _PAGE
    )
    return template.render(
        guide=guide,
        count=guide.to_write,
        mark=TO_WRITE,
        shown=lambda section: f"{section.number} {section.heading}".strip(),
        is_table=lambda part: isinstance(part, Table),
        is_asked=lambda part: isinstance(part, ToWrite),
    )
