import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError, api } from "../api";
import { load } from "../shelf";
import { t } from "../words";

/** Asks for the server's token; it is kept in a cookie that scripts cannot read. */
export function TokenForm() {
  const field = useRef<HTMLInputElement>(null);
  const [error, setError] = useState<string | null>(null);
  useEffect(() => field.current?.focus(), []);

  async function open(event: Event) {
    event.preventDefault();
    try {
      await api.unlock(field.current?.value ?? "");
      await load();
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      setError(problem.type === "unauthorized" ? t("token.wrong") : problem.message);
    }
  }

  return (
    <form class="view token" onSubmit={open}>
      <h1 id="heading" tabIndex={-1}>
        {t("token.title")}
      </h1>
      <p class="faint">{t("token.how")}</p>
      <label class="field">
        <span>{t("token.label")}</span>
        <input
          ref={field}
          class="input"
          type="password"
          name="token"
          autocomplete="current-password"
          required
        />
      </label>
      {error !== null && (
        <p class="problem" role="alert">
          {error}
        </p>
      )}
      <div>
        <button type="submit" class="button main">
          {t("token.send")}
        </button>
      </div>
    </form>
  );
}
