/** A page of HTML that stands alone: nothing is fetched for it, and no script runs in it. */
export interface HtmlPage {
  /** As text. */
  readonly title: string;
  /** Its style sheet. */
  readonly style: string;
  /** What is to be seen, as HTML. */
  readonly body: string;
}

/** The whole of a page, for a file. */
export function htmlPage({ title, style, body }: HtmlPage): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body>
${body}
</body>
</html>
`;
}

const NAMES: Readonly<Record<string, string>> = { "&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "#39" };

/** Text as it may stand in an element or an attribute, whatever it holds. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&${NAMES[character]};`);
}
