"""The bibliography: author, year, title and venue of what the report's measures and methods rest on, by DOI or arXiv id.

Only entries that were looked up stand here. What is cited elsewhere is printed with what is known of it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from html import escape

from game.measures.scales import ALPHA, OMEGA
from game.questionnaire import Questionnaire
from game.registry import measure, questionnaire
from server.report.figures.draw import listing
from server.report.inference.bayes import CITE as BAMBI
from server.report.inference.equivalence import SCHUIRMANN
from server.report.inference.exposure import ANGRIST
from server.report.inference.weighted import HORVITZ_THOMPSON
from server.report.page.checks import COMPLIERS, WEIGHTED
from server.report.page.story import MEASURES, Story, registered
from server.report.plate import Table

BOOKS = {
    "10.1145/3411764.3445717": "Bansal, Wu, Zhou, Fok, Nushi, Kamar, Ribeiro and Weld (2021), Does the Whole Exceed its Parts?"
    " The Effect of AI Explanations on Complementary Team Performance, CHI Conference on Human Factors in Computing Systems",
    "10.1145/3411764.3445562": "Lu and Yin (2021), Human Reliance on Machine Learning Models When Performance Feedback is"
    " Limited: Heuristics and Risks, CHI Conference on Human Factors in Computing Systems",
    "10.1145/3449287": "Buçinca, Malaya and Gajos (2021), To Trust or to Think: Cognitive Forcing Functions Can Reduce"
    " Overreliance on AI in AI-assisted Decision-making, Proceedings of the ACM on Human-Computer Interaction 5 (CSCW1)",
    "10.1145/3579605": "Vasconcelos, Jörke, Grunde-McLaughlin, Gerstenberg, Bernstein and Krishna (2023), Explanations Can"
    " Reduce Overreliance on AI Systems During Decision-Making, Proceedings of the ACM on Human-Computer Interaction 7 (CSCW1)",
    "10.1145/3581641.3584066": "Schemmer, Kühl, Benz, Bartos and Satzger (2023), Appropriate Reliance on AI Advice:"
    " Conceptualization and the Effect of Explanations, International Conference on Intelligent User Interfaces, 410-422",
    "10.1287/isre.2021.1079": "Fügener, Grahl, Gupta and Ketter (2022), Cognitive Challenges in Human-Artificial Intelligence"
    " Collaboration: Investigating the Path Toward Productive Delegation, Information Systems Research 33(2), 678-696",
    "10.1371/journal.pone.0083528": "Kaufmann, Reips and Wittmann (2013), A Critical Meta-Analysis of Lens Model Studies in"
    " Human Judgment and Decision-Making, PLOS ONE 8, e83528",
    "10.1080/01621459.1958.10501452": "Kaplan and Meier (1958), Nonparametric Estimation from Incomplete Observations, Journal"
    " of the American Statistical Association 53(282), 457-481",
    "10.1198/jbes.2010.07136": "Cameron, Gelbach and Miller (2011), Robust Inference With Multiway Clustering, Journal of"
    " Business & Economic Statistics 29(2), 238-249",
    "10.1007/BF01068419": "Schuirmann (1987), A Comparison of the Two One-Sided Tests Procedure and the Power Approach for"
    " Assessing the Equivalence of Average Bioavailability, Journal of Pharmacokinetics and Biopharmaceutics 15(6), 657-680",
    "10.1080/01621459.1996.10476902": "Angrist, Imbens and Rubin (1996), Identification of Causal Effects Using Instrumental"
    " Variables, Journal of the American Statistical Association 91(434)",
    "10.1080/01621459.1952.10483446": "Horvitz and Thompson (1952), A Generalization of Sampling Without Replacement From a"
    " Finite Universe, Journal of the American Statistical Association 47(260), 663-685",
    "10.18637/jss.v103.i15": "Capretto, Piho, Kumar, Westfall, Yarkoni and Martin (2022), Bambi: A Simple Interface for Fitting"
    " Bayesian Linear Models in Python, Journal of Statistical Software 103(15), 1-29",
    "10.1214/08-AOAS191": "Gelman, Jakulin, Pittau and Su (2008), A weakly informative default prior distribution for logistic and"
    " other regression models, The Annals of Applied Statistics 2(4), 1360-1383",
    "10.1214/06-BA117A": "Gelman (2006), Prior distributions for variance parameters in hierarchical models, Bayesian Analysis"
    " 1(3), 515-534",
    "10.1214/20-BA1221": "Vehtari, Gelman, Simpson, Carpenter and Bürkner (2021), Rank-normalization, folding, and localization:"
    " An improved R-hat for assessing convergence of MCMC, Bayesian Analysis 16(2), 667-718",
    "10.3389/fpsyg.2019.02767": "Makowski, Ben-Shachar, Chen and Lüdecke (2019), Indices of Effect Existence and Significance in"
    " the Bayesian Framework, Frontiers in Psychology 10, 2767",
    "10.1007/BF02310555": "Cronbach (1951), Coefficient alpha and the internal structure of tests, Psychometrika 16(3), 297-334",
    "10.1007/s11336-003-0974-7": "Zinbarg, Revelle, Yovel and Li (2005), Cronbach's alpha, Revelle's beta, and McDonald's"
    " omega H: Their relations with each other and two alternative conceptualizations of reliability, Psychometrika 70(1),"
    " 123-133",
}
"""DOI or arXiv id -> the reference without it."""


def entry(cite: str, of: str) -> str:
    """Return the reference as it is printed: what it is, its DOI or arXiv id, and what it stands for here."""
    book = BOOKS.get(cite)
    return f"{book}. {cite}. For: {of}." if book else f"{cite}. For: {of}."


BAYESIAN = (
    (BAMBI, "the Bayesian mixed logit"),
    ("10.1214/08-AOAS191", "weakly informative priors of log odds (there Cauchy, here the narrower normal)"),
    ("10.1214/06-BA117A", "priors of standard deviations (there half-t, here its limit, the half-normal)"),
    ("10.1214/20-BA1221", "R-hat and effective draws"),
    ("10.3389/fpsyg.2019.02767", "the probability of direction"),
)
"""What table T17 rests on."""
BY_ROW = (
    (COMPLIERS, ANGRIST, "effects on compliers"),
    (WEIGHTED, HORVITZ_THOMPSON, "weighting by the probability of being asked"),
)
"""How rows of table T7 begin, and what they rest on where they have an estimate."""


def references(story: Story, tables: Iterable[Table] = ()) -> list[str]:
    """Return what the report rests on: sources of the measures that have values, of the methods, questionnaires and data."""
    used: dict[str, list[str]] = {}
    for name in MEASURES:
        for at, arm in enumerate(story.arms):
            if story.row(name, at).defined:
                _cite(used, registered(name, arm))
    if any(each.probe in ("evidence", "advice") for each in story.rounds):
        _cite(used, "response_to_evidence")
    if any(each.handover_offered for each in story.rounds):
        _cite(used, "handover_survival")
    for each in story.effects:
        if each.defined and each.cite:
            used.setdefault(each.cite, []).append(each.method)
    if any(each.equivalence for each in story.effects):
        used.setdefault(SCHUIRMANN, []).append("equivalence by two one-sided tests")
    for cite, words in _tabled(tables):
        used.setdefault(cite, []).append(words)
    found = [entry(cite, listing(list(dict.fromkeys(words)))) for cite, words in used.items()]
    asked = {each.item.split(".")[1] for each in story.gathered.said if each.item.count(".") >= 2}
    for held in questionnaire:
        made: Questionnaire = held.thing
        if held.name in asked:
            found.append(f"{made.citation} {made.doi}".strip())
    if story.lab:
        found += [
            f"{method.cite}: {method.key}" for method in story.lab.summary.methods if method.cite and not method.control
        ]
    if cite := story.gathered.facts.get("cite"):
        found.append(f"Data: {cite}")
    return list(dict.fromkeys(found))


def _tabled(tables: Iterable[Table]) -> Iterator[tuple[str, str]]:
    """Yield what tables rest on, where they have the number."""
    for table in tables:
        if table.id == "T7":
            known = [str(row[0]) for row in table.rows if row[4] is not None and not math.isnan(row[4])]
            yield from ((cite, words) for name, cite, words in BY_ROW if any(row.startswith(name) for row in known))
        if table.id == "T17" and any(not math.isnan(row[3]) for row in table.rows):
            yield from BAYESIAN
        if table.id == "T9" and table.rows:
            yield from ((ALPHA, "Cronbach's alpha"), (OMEGA, "McDonald's omega"))


def _cite(used: dict[str, list[str]], name: str) -> None:
    """Note the source of a measure, with the authors that its description names."""
    held = measure[name]
    cite = held.info["cite"]
    who = re.search(r"\(([^()]*\d{4})\)", (held.thing.__doc__ or "").split("\n", maxsplit=1)[0])
    if cite:
        used.setdefault(cite, []).append(name + (f" ({who[1]})" if who and cite not in BOOKS else ""))


def link(text: str) -> str:
    """Return a reference with its DOI or arXiv id as an address (nothing is fetched until somebody follows it)."""
    doi = re.search(r"\b10\.\d{4,9}/\S+", text)
    paper = re.search(r"\barXiv:(\d{4}\.\d{4,5})", text, re.IGNORECASE)
    if doi:
        name = doi[0].rstrip(".,;:")
        return (
            escape(text[: doi.start()])
            + f'<a href="https://doi.org/{escape(name)}">{escape(name)}</a>'
            + escape(text[doi.start() + len(name) :])
        )
    if paper:
        return (
            escape(text[: paper.start()])
            + f'<a href="https://arxiv.org/abs/{paper[1]}">arXiv:{paper[1]}</a>'
            + escape(text[paper.end() :])
        )
    return escape(text)
