import { Heading } from "../parts/heading";
import { t } from "../words";

export function Search() {
  return (
    <div class="view">
      <Heading>{t("nav.search")}</Heading>
    </div>
  );
}
