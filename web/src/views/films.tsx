import { Heading } from "../parts/heading";
import { t } from "../words";

export function Films() {
  return (
    <div class="view">
      <Heading>{t("nav.films")}</Heading>
    </div>
  );
}
