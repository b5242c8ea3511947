import { Heading } from "../parts/heading";
import { t } from "../words";

export function Ask() {
  return (
    <div class="view">
      <Heading>{t("nav.ask")}</Heading>
    </div>
  );
}
