import type { ComponentType } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { locked } from "./api";
import { Heading } from "./parts/heading";
import { Help, helping } from "./parts/help";
import { AutoIcon, DarkIcon, HelpIcon, LightIcon } from "./parts/icons";
import { Link } from "./parts/link";
import { Problem } from "./parts/problem";
import { Busy, Empty } from "./parts/state";
import { TokenForm } from "./parts/token";
import { address, go, useRoute, type View, views } from "./route";
import { embeddings, failure, items, load, useful } from "./shelf";
import { theme, themes } from "./theme";
import { language, languages, speak, t } from "./words";

// Each view is a chunk of its own: three.js comes with the map and not before.
const chunks: Record<View, () => Promise<ComponentType>> = {
  ask: () => import("./views/ask").then((module) => module.Ask),
  map: () => import("./views/map").then((module) => module.MapView),
  compare: () => import("./views/compare").then((module) => module.Compare),
  search: () => import("./views/search").then((module) => module.Search),
  films: () => import("./views/films").then((module) => module.Films),
  learn: () => import("./views/learn").then((module) => module.Learn),
};

export function App() {
  const { view, known } = useRoute();
  const first = views.find((name) => useful.value[name]) ?? "ask";
  const loaded = items.value !== null;
  useEffect(() => {
    if (view === null && known && loaded) go(address(first), { replace: true });
  }, [view, known, loaded, first]);
  useEffect(() => {
    document.title = view ? t("app.title", { view: t(`nav.${view}`) }) : t("app.name");
  });
  return (
    <>
      <a class="skip" href="#content">
        {t("app.skip")}
      </a>
      <Header view={view} />
      <main id="content" tabIndex={-1}>
        <Content view={view} known={known} />
      </main>
      <Help />
    </>
  );
}

function Content({ view, known }: { view: View | null; known: boolean }) {
  if (locked.value) return <TokenForm />;
  if (!known) return <Lost />;
  if (failure.value) {
    return (
      <div class="view">
        <Problem error={failure.value} />
        <p class="row">
          <button type="button" class="button" onClick={() => void load()}>
            {t("again")}
          </button>
        </p>
      </div>
    );
  }
  if (items.value === null || view === null) return <Waiting />;
  if (!useful.value[view] && view !== "learn") return <Nothing view={view} />;
  return <Shown key={view} view={view} />;
}

function Shown({ view }: { view: View }) {
  const [Body, setBody] = useState<ComponentType | null>(null);
  const [error, setError] = useState<Error | null>(null);
  useEffect(() => {
    let stale = false;
    chunks[view]().then(
      (component) => !stale && setBody(() => component),
      (problem: Error) => !stale && setError(problem),
    );
    return () => {
      stale = true;
    };
  }, [view]);
  const ready = Body !== null;
  useEffect(() => {
    if (!ready) return;
    if (arrived) {
      scrollTo(0, 0);
      document.getElementById("heading")?.focus({ preventScroll: true });
    }
    arrived = true;
  }, [ready]);
  if (error) return <Problem error={error} />;
  return Body ? <Body /> : <Waiting />;
}

// The first view leaves the focus where the browser puts it, so that Tab begins with the skip link.
let arrived = false;

const Waiting = () => (
  <div class="view">
    <Busy>{t("app.loading")}</Busy>
  </div>
);

const Lost = () => (
  <div class="view">
    <Heading>{t("app.lost")}</Heading>
    <Empty>
      <Link to="/">{t("app.home")}</Link>
    </Empty>
  </div>
);

const commands: Record<Exclude<View, "learn">, string> = {
  ask: "jari serve wiki.jari",
  map: "jari serve wiki.jari",
  compare: "jari serve wiki.jari other.jari",
  search: "jari serve library/",
  films: "jari serve films/",
};

function Nothing({ view }: { view: Exclude<View, "learn"> }) {
  const name = embeddings.value[0]?.name;
  const why =
    view === "compare" && name !== undefined
      ? t("nav.nothing.compare", { name })
      : t(`nav.nothing.${view === "search" || view === "films" ? view : "embedding"}`);
  return (
    <div class="view">
      <Heading>{t(`nav.${view}`)}</Heading>
      <Empty>
        <p>{why}</p>
        <p>{t("nav.nothing.how")}</p>
        <pre>{commands[view]}</pre>
      </Empty>
    </div>
  );
}

function Header({ view }: { view: View | null }) {
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    // Not scrollIntoView: Chromium would begin there with the next Tab.
    const here = list.current?.querySelector<HTMLElement>("[aria-current]");
    if (list.current && here) list.current.scrollLeft = here.offsetLeft - list.current.clientWidth / 2;
  }, [view, items.value]);
  const offered = views.filter((name) => useful.value[name] || name === view);
  return (
    <header class="head">
      <Link to="/" class="name">
        자리 <small>Jari</small>
      </Link>
      <nav aria-label={t("nav.label")}>
        <ul ref={list}>
          {offered.map((name) => (
            <li key={name}>
              <Link to={address(name)} aria-current={name === view ? "page" : undefined}>
                {t(`nav.${name}`)}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <div class="switches">
        <LanguageSwitch />
        <ThemeSwitch />
        <button
          type="button"
          class="button icon quiet"
          aria-label={t("help.open")}
          title={t("help.open")}
          onClick={() => {
            helping.value = true;
          }}
        >
          <HelpIcon />
        </button>
      </div>
    </header>
  );
}

function LanguageSwitch() {
  const other = languages.find((one) => one !== language.value) ?? "en";
  return (
    <button
      type="button"
      class="button quiet"
      lang={other}
      aria-label={t(`language.${other}`)}
      onClick={() => speak(other)}
    >
      {other === "ko" ? "한국어" : "English"}
    </button>
  );
}

const themeIcons = { auto: <AutoIcon />, light: <LightIcon />, dark: <DarkIcon /> };

function ThemeSwitch() {
  const now = theme.value;
  const label = `${t("theme.label")}: ${t(`theme.${now}`)}`;
  return (
    <button
      type="button"
      class="button icon quiet"
      aria-label={label}
      title={label}
      onClick={() => {
        theme.value = themes[(themes.indexOf(now) + 1) % themes.length] ?? "auto";
      }}
    >
      {themeIcons[now]}
    </button>
  );
}
