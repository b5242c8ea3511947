import { Heading } from "../parts/heading";
import { t } from "../words";

export function Learn() {
  return (
    <div class="view">
      <Heading>{t("nav.learn")}</Heading>
    </div>
  );
}
