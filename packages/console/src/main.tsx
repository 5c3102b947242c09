import { render } from "preact";
import { Page } from "./components/page.js";
import { watchCluster } from "./state/cluster.js";
import { applyTheme } from "./state/theme.js";
import "./style/colors.css";
import "./style/base.css";
import "./style/controls.css";
import "./style/layout.css";
import "./style/panels.css";
import "./style/nodes.css";
import "./style/lists.css";
import "./style/chain.css";
import "./style/chat.css";

applyTheme();
watchCluster();

const place = document.getElementById("page");
if (!place) throw new Error("index.html has no place for the page");
render(<Page />, place);
