import { render } from "preact";
import { App } from "./app";
import "./app.css";
import "./parts/parts.css";
import { shortcuts } from "./parts/help";
import { load } from "./shelf";

addEventListener("keydown", shortcuts);
const page = document.getElementById("page");
if (page) render(<App />, page);
void load();
