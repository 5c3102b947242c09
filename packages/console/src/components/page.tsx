import { contact } from "../state/cluster.js";
import { ChangesPanel } from "./changes-panel.js";
import { ContactBanner } from "./contact-banner.js";
import { KeysPanel } from "./keys-panel.js";
import { Masthead } from "./masthead.js";
import { MessagesPanel } from "./messages-panel.js";
import { NodesPanel } from "./nodes-panel.js";
import { RequestsPanel } from "./requests-panel.js";
import { SecretForm } from "./secret-form.js";
import { StorePanel } from "./store-panel.js";

/** The parts of the page, in the order in which a phone shows them. */
const PARTS = [
  ["store", "Store"],
  ["nodes", "Nodes"],
  ["requests", "Requests"],
  ["keys", "Keys"],
  ["changes", "Changes"],
  ["messages", "Messages"],
] as const;

export function Page() {
  return (
    <>
      <a class="skip" href="#store">
        Skip to the store
      </a>
      <Masthead />
      <nav class="parts" aria-label="Parts of the page">
        {PARTS.map(([id, name]) => (
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
      </main>
      <footer>
        Everything here can be sent with curl: <a href="/openapi.json">every route of this server</a>
      </footer>
    </>
  );
}
