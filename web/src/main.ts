import "./shell/base.css";
import { createApp } from "vue";
import App from "./App.vue";
import { createWords } from "./i18n";

createApp(App).use(createWords()).mount("#app");
