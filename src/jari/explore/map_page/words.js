// ---- words: in the language of the browser ------------------------------------------------------------------------
const WORDS = {
  en: {
    find: "Find a key", found: "Keys found", none: "No such key on this map", more: "{n} more", empty: "(empty)",
    nearer: "Zoom in", farther: "Zoom out", whole: "Show everything", all: "All", view: "View",
    move: "Drag to move, scroll to zoom", turn: "Drag to turn, shift-drag to move, scroll to zoom",
    spoken: "Keys can be found in the search box; arrow keys move the map, plus and minus zoom.",
    by: "Colour", plain: "one", cluster: "clusters", frequency: "frequency", contours: "Density contours",
    groups: "Clusters", seen: "seen {n} times", place: "at {at}", group: "cluster {name}", near: "Nearest on this map",
    close: "Close", keys: "{n} keys", share: "{n} % of the variance shown", component: "component {i} · {n} %",
    apart: "neighbours lie together; distances between groups mean nothing", between: "between poles",
    marks: "−1 and 1 are the means of the poles", midway: "0 is midway between the poles",
  },
  ko: {
    find: "키 찾기", found: "찾은 키", none: "이 지도에 없는 키", more: "{n}개 더", empty: "(빈 키)",
    nearer: "확대", farther: "축소", whole: "전체 보기", all: "전체", view: "보기",
    move: "끌어서 이동, 스크롤로 확대·축소", turn: "끌어서 회전, Shift를 누르고 끌면 이동, 스크롤로 확대·축소",
    spoken: "키는 검색창에서 찾고, 화살표 키로 지도를 움직이고, 더하기와 빼기 키로 확대·축소함.",
    by: "색", plain: "한 가지", cluster: "무리", frequency: "빈도", contours: "밀도 등고선",
    groups: "무리", seen: "{n}회 나옴", place: "위치 {at}", group: "무리 {name}", near: "이 지도에서 가까운 키",
    close: "닫기", keys: "키 {n}개", share: "분산의 {n} % 표시", component: "성분 {i} · {n} %",
    apart: "이웃끼리 모여 있음; 무리 사이의 거리에는 뜻이 없음", between: "두 극 사이",
    marks: "−1과 1은 두 극의 평균", midway: "0은 두 극의 한가운데",
  },
};
const language = (navigator.languages || [navigator.language]).map((tag) => tag.slice(0, 2)).find((tag) => WORDS[tag]) || "en";
document.documentElement.lang = language;
const t = (name, values = {}) => WORDS[language][name].replace(/\{(\w+)\}/g, (_, key) => values[key]);
const number = (value) => value.toLocaleString(language);
const at = (id) => document.getElementById(id);
