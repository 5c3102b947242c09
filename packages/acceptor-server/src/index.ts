export { AcceptorHost, type HostObserver, NotServed } from "./acceptor-host.js";
export { AcceptorStore, type OpenedStore, StoreRefused } from "./acceptor-store.js";
export { type App, type AppOptions, buildApp } from "./app.js";
export { type AcceptorServer, type AcceptorServerOptions, CannotStart, startAcceptor } from "./server.js";
