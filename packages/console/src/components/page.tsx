import { application, contact } from "../state/cluster.js";
import { ChainPanel } from "./chain-panel.js";
import { ChangesPanel } from "./changes-panel.js";
import { ChatPanel } from "./chat/chat-panel.js";
import { ContactBanner } from "./contact-banner.js";
import { KeysPanel } from "./keys-panel.js";
import { LedgerPanel } from "./ledger-panel.js";
import { Masthead } from "./masthead.js";
import { MessagesPanel } from "./messages-panel.js";
import { NodesPanel } from "./nodes-panel.js";
import { RequestsPanel } from "./requests-panel.js";
import { SecretForm } from "./secret-form.js";
import { StorePanel } from "./store-panel.js";

/** The parts of the page, in the order in which a phone shows them. */
const PARTS = {
  "key-value": [
    ["store", "Store"],
    ["nodes", "Nodes"],
    ["requests", "Requests"],
    ["keys", "Keys"],
    ["changes", "Changes"],
    ["messages", "Messages"],
  ],
  ledger: [
    ["ledger", "Ledger"],
    ["chain", "Chain"],
    ["nodes", "Nodes"],
    ["requests", "Requests"],
    ["messages", "Messages"],
  ],
  chat: [
    ["chat", "Chat"],
    ["nodes", "Nodes"],
    ["requests", "Requests"],
    ["messages", "Messages"],
  ],
} as const;

const APPLICATIONS = Object.keys(PARTS) as readonly (keyof typeof PARTS)[];

const STAGES = { "key-value": StoreStage, ledger: LedgerStage, chat: ChatStage } as const;

export function Page() {
  const running = APPLICATIONS.find((one) => one === application.value) ?? "key-value";
  // Nothing is shown of the one before it may turn out to be the other.
  const isUnknown = application.value === null && contact.value.kind === "waiting";
  const parts = PARTS[running];
  const [[firstPart, firstName]] = parts;
  const Stage = isUnknown ? Nodes : STAGES[running];
  return (
    <>
      <a class="skip" href={`#${firstPart}`}>
        Skip to the {firstName.toLowerCase()}
      </a>
      <Masthead />
      <nav class="parts" aria-label="Parts of the page">
        {parts.map(([id, name]) => (
          <a key={id} href={`#${id}`}>
            {name}
          </a>
        ))}
      </nav>
      <main class={contact.value.kind === "lost" ? "lost" : ""}>
        <div class="notices">
          <ContactBanner />
          <SecretForm />
        </div>
        <Stage />
      </main>
      <footer>
        Everything here can be sent with curl: <a href="/openapi.json">every route of this server</a>
      </footer>
    </>
  );
}

/** While nobody said yet what runs here. */
function Nodes() {
  return (
    <div class="stage">
      <div />
      <NodesPanel />
    </div>
  );
}

function LedgerStage() {
  return (
    <div class="stage stage-ledger">
      <div class="beside">
        <LedgerPanel />
        <ChainPanel />
      </div>
      <ClusterPanels />
    </div>
  );
}

/** What is beside the panel of an application: how the cluster under it fares. */
function ClusterPanels() {
  return (
    <div class="beside">
      <NodesPanel />
      <RequestsPanel />
      <MessagesPanel />
    </div>
  );
}

function ChatStage() {
  return (
    <div class="stage stage-chat">
      <ChatPanel />
      <ClusterPanels />
    </div>
  );
}

function StoreStage() {
  return (
    <>
      <div class="stage">
        <StorePanel />
        <div class="beside">
          <NodesPanel />
          <RequestsPanel />
        </div>
      </div>
      <div class="records">
        <KeysPanel />
        <ChangesPanel />
        <MessagesPanel />
      </div>
    </>
  );
}
